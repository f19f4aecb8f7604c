{{/* Names and labels; the scheme is that of the ingress-nginx chart. */}}

{{- define "fairlead.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "fairlead.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "fairlead.name" . -}}
{{- contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "fairlead.controller" -}}
{{- printf "%s-%s" (include "fairlead.fullname" .) .Values.controller.name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "fairlead.admission" -}}
{{- printf "%s-%s" (include "fairlead.fullname" .) .Values.controller.admissionWebhooks.name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "fairlead.admissionService" -}}
{{- printf "%s-admission" (include "fairlead.controller" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "fairlead.defaultBackend" -}}
{{- printf "%s-%s" (include "fairlead.fullname" .) .Values.defaultBackend.name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "fairlead.serviceAccount" -}}
{{- with .Values.serviceAccount -}}
{{- .create | ternary (default (include "fairlead.fullname" $) .name) (default "default" .name) -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.admissionServiceAccount" -}}
{{- with .Values.controller.admissionWebhooks.patch.serviceAccount -}}
{{- .create | ternary (default (include "fairlead.admission" $) .name) (default "default" .name) -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.defaultBackendServiceAccount" -}}
{{- with .Values.defaultBackend.serviceAccount -}}
{{- .create | ternary (default (printf "%s-backend" (include "fairlead.fullname" $)) .name) (default "default" .name) -}}
{{- end -}}
{{- end -}}

{{- define "fairlead.electionID" -}}
{{- default (printf "%s-leader" (include "fairlead.fullname" .)) .Values.controller.electionID -}}
{{- end -}}

{{- define "fairlead.selectorLabels" -}}
app.kubernetes.io/name: {{ include "fairlead.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* (list $ component): the labels of an object. */}}
{{- define "fairlead.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "fairlead.selectorLabels" $root }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: {{ include "fairlead.name" $root }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/component: {{ index . 1 }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* An image value as one reference. */}}
{{- define "fairlead.image" -}}
{{- $image := index . 0 -}}
{{- $fallback := index . 1 -}}
{{- with $image -}}
{{- $path := default (empty .registry | ternary .image (printf "%s/%s" .registry .image)) .repository -}}
{{- $tag := default $fallback .tag -}}
{{- $path -}}{{- with $tag }}:{{ . }}{{ end -}}{{- with .digest }}@{{ . }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* Text of a value as its writer meant it: YAML's 1000000 reaches templates as a float and would print as 1e+06. */}}
{{- define "fairlead.text" -}}
{{- if and (kindIs "float64" .) (eq (float64 (int64 .)) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{/* A map of such values as the data of a ConfigMap; null leaves a key out. */}}
{{- define "fairlead.data" -}}
{{- range $key, $value := . }}
{{- if not (kindIs "invalid" $value) }}
{{ $key | quote }}: {{ include "fairlead.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* (list $ component): the labels of pods; without versions, so that a new version of the chart alone restarts nothing. */}}
{{- define "fairlead.podLabels" -}}
{{ include "fairlead.selectorLabels" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- with (index . 0).Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Text when the certificate of the webhook is made by the chart's own job. */}}
{{- define "fairlead.admissionJobs" -}}
{{- with .Values.controller.admissionWebhooks -}}
{{- if and .enabled .patch.enabled (not .certManager.enabled) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Text when HTTP/3 is switched on in controller.config: only then a UDP port is opened. */}}
{{- define "fairlead.http3" -}}
{{- with .Values.controller -}}
{{- if and .service.enableHttps (eq (toString (get (default dict .config) "use-http3")) "true") -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* (list $ port protocol): name of the port of a TCP or UDP service. */}}
{{- define "fairlead.streamPort" -}}
{{- with (index . 0).Values.portNamePrefix }}{{ . }}-{{ end }}{{ index . 1 }}-{{ index . 2 }}
{{- end -}}
