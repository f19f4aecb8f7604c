{{/* What is needed in each namespace that is watched. */}}
{{- define "fairlead.watchRules" -}}
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [list, watch]
- apiGroups: ['']
  resources: [services]
  verbs: [list, watch]
# Of those that annotations name; others are not read.
- apiGroups: ['']
  resources: [configmaps]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
{{- if eq .Values.rbac.secrets "all" }}
- apiGroups: ['']
  resources: [secrets]
  verbs: [list, watch]
{{- end }}
- apiGroups: [networking.k8s.io]
  resources: [ingresses/status]
  verbs: [patch]
- apiGroups: ['']
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{/* What load balancers and their announcers see of the cluster. */}}
{{- define "fairlead.loadBalancerReads" -}}
- apiGroups: ['']
  resources: [services, nodes]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
{{- end -}}

{{/* Text when the status shows the addresses of nodes. */}}
{{- define "fairlead.statusFromNodes" -}}
{{- $args := .Values.controller.extraArgs -}}
{{- if not (or (include "fairlead.publishService" .) (hasKey $args "publish-service") (hasKey $args "publish-status-address")) -}}true{{- end -}}
{{- end -}}

{{- define "fairlead.scopeNamespace" -}}
{{- default (include "fairlead.namespace" .) .Values.controller.scope.namespace -}}
{{- end -}}

{{/* namespace/name of the published Service, with the namespace written out. */}}
{{- define "fairlead.publishedService" -}}
{{- $given := toString (default "" (get .Values.controller.extraArgs "publish-service")) -}}
{{- default (include "fairlead.publishService" .) $given | replace "$(POD_NAMESPACE)" (include "fairlead.namespace" .) -}}
{{- end -}}

{{/* Names of the ConfigMaps that the controller reads, all in its own namespace. */}}
{{- define "fairlead.configMaps" -}}
- {{ include "fairlead.controller" . }}
{{- if eq .Values.controller.loadBalancer.provider "addresses" }}
- {{ include "fairlead.fullname" . }}-addresses
{{- end }}
{{- if .Values.controller.addHeaders }}
- {{ include "fairlead.fullname" . }}-custom-add-headers
{{- end }}
{{- if .Values.controller.proxySetHeaders }}
- {{ include "fairlead.fullname" . }}-custom-proxy-headers
{{- end }}
{{- range $protocol := list "tcp" "udp" }}
{{- if index $.Values $protocol }}
- {{ include "fairlead.fullname" $ }}-{{ $protocol }}
{{- end }}
{{- end }}
{{- end -}}

{{/* (list $ name namespace suffix): a Role's binding to the controller's account, with its separator. */}}
{{- define "fairlead.roleBinding" -}}
{{- $root := index . 0 -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ index . 1 }}
  namespace: {{ index . 2 }}
  labels:
    {{- include "fairlead.labels" (list $root "controller") | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ index . 1 }}
subjects:
  - kind: ServiceAccount
    name: {{ include "fairlead.serviceAccount" $root }}
    namespace: {{ include "fairlead.namespace" $root }}
{{- end -}}
