{{/* Arguments of the controller. A flag of extraArgs replaces the chart's. */}}
{{- define "fairlead.args" -}}
{{- $c := .Values.controller -}}
{{- $args := list -}}
{{- $args = append $args (list "publish-service" (include "fairlead.publishService" .)) -}}
{{- $args = append $args (list "election-id" (include "fairlead.electionID" .)) -}}
{{- $args = append $args (list "election-ttl" $c.electionTTL) -}}
{{- $args = append $args (list "disable-leader-election" ($c.disableLeaderElection | ternary "true" "")) -}}
{{- $args = append $args (list "controller-class" $c.ingressClassResource.controllerValue) -}}
{{- $args = append $args (list "ingress-class" $c.ingressClass) -}}
{{- $args = append $args (list "ingress-class-by-name" ($c.ingressClassByName | ternary "true" "")) -}}
{{- $args = append $args (list "watch-ingress-without-class" ($c.watchIngressWithoutClass | ternary "true" "")) -}}
{{- $args = append $args (list "configmap" (printf "$(POD_NAMESPACE)/%s" (include "fairlead.controller" .))) -}}
{{- range $protocol := list "tcp" "udp" -}}
{{- if index $.Values $protocol -}}
{{- $args = append $args (list (printf "%s-services-configmap" $protocol) (printf "$(POD_NAMESPACE)/%s-%s" (include "fairlead.fullname" $) $protocol)) -}}
{{- end -}}
{{- end -}}
{{- if $c.scope.enabled -}}
{{- $args = append $args (list "watch-namespace" (default "$(POD_NAMESPACE)" $c.scope.namespace)) -}}
{{- else -}}
{{- $args = append $args (list "watch-namespace-selector" $c.scope.namespaceSelector) -}}
{{- end -}}
{{- $args = append $args (list "default-backend-service" (.Values.defaultBackend.enabled | ternary (printf "$(POD_NAMESPACE)/%s" (include "fairlead.defaultBackend" .)) "")) -}}
{{- if $c.admissionWebhooks.enabled -}}
{{- $args = append $args (list "validating-webhook" (printf ":%d" (int $c.admissionWebhooks.port))) -}}
{{- $args = append $args (list "validating-webhook-certificate" $c.admissionWebhooks.certificate) -}}
{{- $args = append $args (list "validating-webhook-key" $c.admissionWebhooks.key) -}}
{{- end -}}
{{- $args = append $args (list "http-port" (eq (int $c.containerPort.http) 80 | ternary "" (toString (int $c.containerPort.http)))) -}}
{{- $args = append $args (list "https-port" (eq (int $c.containerPort.https) 443 | ternary "" (toString (int $c.containerPort.https)))) -}}
{{- $args = append $args (list "healthz-host" $c.healthCheckHost) -}}
{{- $args = append $args (list "healthz-port" (eq (int $c.metrics.port) 10254 | ternary "" (toString (int $c.metrics.port)))) -}}
{{- $args = append $args (list "health-check-path" (eq $c.healthCheckPath "/healthz" | ternary "" $c.healthCheckPath)) -}}
{{- if $c.dashboard.enabled -}}
{{- $args = append $args (list "admin-port" (toString (int $c.dashboard.port))) -}}
{{- $args = append $args (list "admin-auth" (and $c.dashboard.kubernetesAuth (not .Values.rbac.scope) | ternary "kubernetes" "")) -}}
{{- end -}}
{{- if $c.logStore.enabled -}}
{{- $args = append $args (list "log-store" "/var/lib/fairlead-log/lines") -}}
{{- $args = append $args (list "log-retention" $c.logStore.retention) -}}
{{- end -}}
{{- $args = append $args (list "alert-rules" (empty $c.alerts.config | ternary "" "/etc/fairlead/alert-rules/alerts.yaml")) -}}
{{- $args = append $args (list "alert-secrets" (and $c.alerts.config $c.alerts.secretName | empty | ternary "" "/etc/fairlead/alerts")) -}}
{{- $args = append $args (list "shutdown-grace-period" (toString (int $c.shutdownGracePeriodSeconds))) -}}
{{- $args = append $args (list "report-node-internal-ip-address" ($c.reportNodeInternalIp | ternary "true" "")) -}}
{{- $args = append $args (list "enable-annotation-validation" ($c.enableAnnotationValidations | ternary "" "false")) -}}
{{- $args = append $args (list "enable-topology-aware-routing" ($c.enableTopologyAwareRouting | ternary "true" "")) -}}
{{- if $c.loadBalancer.provider -}}
{{- $args = append $args (list "loadbalancer" $c.loadBalancer.provider) -}}
{{- $args = append $args (list "loadbalancer-take-over" ($c.loadBalancer.takeOver | ternary "true" "")) -}}
{{- if eq $c.loadBalancer.provider "addresses" -}}
{{- $args = append $args (list "loadbalancer-addresses-configmap" (printf "$(POD_NAMESPACE)/%s-addresses" (include "fairlead.fullname" .))) -}}
{{- else -}}
{{- with $c.loadBalancer.alibaba -}}
{{- $args = append $args (list "alibaba-cluster-id" .clusterId) -}}
{{- $args = append $args (list "alibaba-region" .region) -}}
{{- $args = append $args (list "alibaba-vpc-id" .vpcId) -}}
{{- $args = append $args (list "alibaba-vswitch-id" (join "," .vswitchIds)) -}}
{{- $args = append $args (list "alibaba-backends" .backends) -}}
{{- $args = append $args (list "alibaba-network" .network) -}}
{{- $args = append $args (list "alibaba-key-folder" (empty .keySecretName | ternary "" "/etc/fairlead/alibaba")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $args = append $args (list "enable-metrics" ($c.metrics.enabled | ternary "true" "")) -}}
- /nginx-ingress-controller
{{- range $args }}
{{- if and (last .) (not (hasKey $c.extraArgs (first .))) }}
- {{ printf "--%s=%s" (first .) (last .) | quote }}
{{- end }}
{{- end }}
{{- range $name, $value := $c.extraArgs }}
{{- $text := kindIs "invalid" $value | ternary "" (include "fairlead.text" $value) }}
- {{ empty $text | ternary (printf "--%s" $name) (printf "--%s=%s" $name $text) | quote }}
{{- end }}
{{- end -}}

{{/* Name of the Secret with an access key of Alibaba Cloud, or nothing. */}}
{{- define "fairlead.alibabaKey" -}}
{{- with .Values.controller.loadBalancer -}}
{{- if eq .provider "alibaba" }}{{ .alibaba.keySecretName }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* namespace/name of the Service whose addresses go into the status, or nothing. */}}
{{- define "fairlead.publishService" -}}
{{- $c := .Values.controller -}}
{{- if and $c.publishService.enabled (not (hasKey $c.extraArgs "publish-status-address")) -}}
{{- if $c.publishService.pathOverride -}}
{{- $c.publishService.pathOverride -}}
{{- else if and $c.service.enabled $c.service.external.enabled -}}
$(POD_NAMESPACE)/{{ include "fairlead.controller" . }}
{{- else if include "fairlead.internalService" . -}}
$(POD_NAMESPACE)/{{ include "fairlead.controller" . }}-internal
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Text when the second Service is made. */}}
{{- define "fairlead.internalService" -}}
{{- with .Values.controller.service -}}
{{- if and .enabled .internal.enabled (or .internal.annotations .internal.loadBalancerClass (ne (default .type .internal.type) "LoadBalancer")) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.podSecurityContext" -}}
{{- $context := deepCopy .Values.controller.podSecurityContext -}}
{{- $sysctls := list -}}
{{- range $name, $value := .Values.controller.sysctls -}}
{{- if not (or (kindIs "invalid" $value) (and $.Values.controller.hostNetwork (hasPrefix "net." $name))) -}}
{{- $sysctls = append $sysctls (dict "name" $name "value" (include "fairlead.text" $value)) -}}
{{- end -}}
{{- end -}}
{{- if $sysctls -}}
{{- $_ := set $context "sysctls" (concat (default list $context.sysctls) $sysctls) -}}
{{- end -}}
{{- with $context }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/* The container's security context (CHT-1). */}}
{{- define "fairlead.containerSecurityContext" -}}
{{- if .Values.controller.containerSecurityContext -}}
{{- toYaml .Values.controller.containerSecurityContext -}}
{{- else -}}
{{- with .Values.controller.image -}}
runAsNonRoot: {{ .runAsNonRoot }}
runAsUser: {{ .runAsUser }}
runAsGroup: {{ .runAsGroup }}
allowPrivilegeEscalation: {{ .allowPrivilegeEscalation }}
readOnlyRootFilesystem: {{ .readOnlyRootFilesystem }}
{{- with .seccompProfile }}
seccompProfile:
  {{- toYaml . | nindent 2 }}
{{- end }}
capabilities:
  drop: [ALL]
  add: [NET_BIND_SERVICE]
{{- end }}
{{- end }}
{{- end -}}

{{/* Security context of the two jobs and of the default backend: no more than they need. */}}
{{- define "fairlead.plainSecurityContext" -}}
runAsNonRoot: {{ .runAsNonRoot }}
runAsUser: {{ .runAsUser }}
runAsGroup: {{ .runAsGroup }}
allowPrivilegeEscalation: {{ .allowPrivilegeEscalation }}
readOnlyRootFilesystem: {{ .readOnlyRootFilesystem }}
{{- with .seccompProfile }}
seccompProfile:
  {{- toYaml . | nindent 2 }}
{{- end }}
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "fairlead.affinity" -}}
{{- if .Values.controller.affinity -}}
{{- toYaml .Values.controller.affinity -}}
{{- else if eq .Values.controller.kind "Deployment" -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "fairlead.selectorLabels" . | nindent 12 }}
            app.kubernetes.io/component: controller
{{- end -}}
{{- end -}}

{{/* The pod of the controller, for Deployment and DaemonSet. */}}
{{- define "fairlead.podTemplate" -}}
{{- $c := .Values.controller -}}
metadata:
  {{- with $c.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  labels:
    {{- include "fairlead.podLabels" (list . "controller") | nindent 4 }}
    {{- with $c.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with $c.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "fairlead.serviceAccount" . }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automountServiceAccountToken }}
  terminationGracePeriodSeconds: {{ $c.terminationGracePeriodSeconds }}
  dnsPolicy: {{ default ($c.hostNetwork | ternary "ClusterFirstWithHostNet" "ClusterFirst") $c.dnsPolicy }}
  {{- with $c.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $c.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $c.hostname }}
  hostname: {{ . | quote }}
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $c.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with $c.runtimeClassName }}
  runtimeClassName: {{ . | quote }}
  {{- end }}
  {{- if $c.hostNetwork }}
  hostNetwork: true
  {{- end }}
  {{- if $c.shareProcessNamespace }}
  shareProcessNamespace: true
  {{- end }}
  {{- with include "fairlead.podSecurityContext" . }}
  securityContext:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with $c.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $c.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "fairlead.affinity" . }}
  affinity:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with $c.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- tpl (toYaml .) $ | nindent 4 }}
  {{- end }}
  {{- with $c.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ $c.containerName }}
      image: {{ include "fairlead.image" (list $c.image .Chart.AppVersion) | quote }}
      imagePullPolicy: {{ $c.image.pullPolicy }}
      args:
        {{- include "fairlead.args" . | nindent 8 }}
      env:
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        - name: POD_NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
        {{- with $c.extraEnvs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        {{- range $name, $port := $c.containerPort }}
        - name: {{ $name }}
          containerPort: {{ $port }}
          protocol: TCP
          {{- with and $c.hostPort.enabled (index $c.hostPort.ports $name) }}
          hostPort: {{ . }}
          {{- end }}
        {{- end }}
        {{- if include "fairlead.http3" . }}
        - name: quic
          containerPort: {{ $c.containerPort.https }}
          protocol: UDP
          {{- with and $c.hostPort.enabled $c.hostPort.ports.https }}
          hostPort: {{ . }}
          {{- end }}
        {{- end }}
        {{- range $protocol := list "tcp" "udp" }}
        {{- range $port, $_ := index $.Values $protocol }}
        - name: {{ include "fairlead.streamPort" (list $ $port $protocol) }}
          containerPort: {{ $port }}
          protocol: {{ upper $protocol }}
          {{- if $c.hostPort.enabled }}
          hostPort: {{ $port }}
          {{- end }}
        {{- end }}
        {{- end }}
        - name: {{ $c.metrics.portName }}
          containerPort: {{ $c.metrics.port }}
          protocol: TCP
        {{- if $c.admissionWebhooks.enabled }}
        - name: webhook
          containerPort: {{ $c.admissionWebhooks.port }}
          protocol: TCP
        {{- end }}
      {{- with $c.startupProbe }}
      startupProbe:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      livenessProbe:
        {{- toYaml $c.livenessProbe | nindent 8 }}
      readinessProbe:
        {{- toYaml $c.readinessProbe | nindent 8 }}
      {{- with $c.lifecycle }}
      lifecycle:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $c.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "fairlead.containerSecurityContext" . | nindent 8 }}
      volumeMounts:
        - name: state
          mountPath: /var/lib/fairlead
        - name: tmp
          mountPath: /tmp
        {{- if $c.logStore.enabled }}
        - name: log-store
          mountPath: /var/lib/fairlead-log
        {{- end }}
        {{- if $c.admissionWebhooks.enabled }}
        - name: webhook-cert
          mountPath: /usr/local/certificates/
          readOnly: true
        {{- end }}
        {{- if $c.alerts.config }}
        - name: alert-rules
          mountPath: /etc/fairlead/alert-rules/
          readOnly: true
        {{- end }}
        {{- if $c.alerts.secretName }}
        - name: alert-secrets
          mountPath: /etc/fairlead/alerts/
          readOnly: true
        {{- end }}
        {{- if include "fairlead.alibabaKey" . }}
        - name: alibaba-key
          mountPath: /etc/fairlead/alibaba/
          readOnly: true
        {{- end }}
        {{- with $c.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with $c.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: state
      emptyDir:
        medium: Memory
    - name: tmp
      emptyDir: {}
    {{- if $c.logStore.enabled }}
    - name: log-store
      {{- if $c.logStore.volume }}
      {{- toYaml $c.logStore.volume | nindent 6 }}
      {{- else }}
      emptyDir:
        sizeLimit: {{ $c.logStore.size }}
      {{- end }}
    {{- end }}
    {{- if $c.admissionWebhooks.enabled }}
    - name: webhook-cert
      secret:
        secretName: {{ include "fairlead.admission" . }}
        {{- if $c.admissionWebhooks.certManager.enabled }}
        items:
          - key: tls.crt
            path: cert
          - key: tls.key
            path: key
        {{- end }}
    {{- end }}
    {{- if $c.alerts.config }}
    - name: alert-rules
      configMap:
        name: {{ include "fairlead.fullname" . }}-alerts
    {{- end }}
    {{- with $c.alerts.secretName }}
    - name: alert-secrets
      secret:
        secretName: {{ . | quote }}
    {{- end }}
    {{- with include "fairlead.alibabaKey" . }}
    - name: alibaba-key
      secret:
        secretName: {{ . | quote }}
    {{- end }}
    {{- with $c.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
