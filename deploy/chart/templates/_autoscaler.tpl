{{/* (list $ component name values further-metrics): a HorizontalPodAutoscaler for the Deployment of that name. */}}
{{- define "fairlead.autoscaler" -}}
{{- $root := index . 0 -}}
{{- $name := index . 2 -}}
{{- $a := index . 3 -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  namespace: {{ include "fairlead.namespace" $root }}
  labels:
    {{- include "fairlead.labels" (list $root (index . 1)) | nindent 4 }}
  {{- with $a.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $name }}
  minReplicas: {{ $a.minReplicas }}
  maxReplicas: {{ $a.maxReplicas }}
  metrics:
    {{- range $resource := list "memory" "cpu" }}
    {{- with eq $resource "cpu" | ternary $a.targetCPUUtilizationPercentage $a.targetMemoryUtilizationPercentage }}
    - type: Resource
      resource:
        name: {{ $resource }}
        target:
          type: Utilization
          averageUtilization: {{ . }}
    {{- end }}
    {{- end }}
    {{- with index . 4 }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $a.behavior }}
  behavior:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
