{{/* Values that cannot be ignored without harm: each stops the installation with a sentence. */}}
{{- define "fairlead.refuse" -}}
{{- $c := .Values.controller -}}
{{- if eq $c.image.image "ingress-nginx/controller" -}}
{{- fail "controller.image still names the image of ingress-nginx. Name Fairlead's image in controller.image.registry, image and tag, and leave digest empty or give that of the image." -}}
{{- end -}}
{{- range $protocol := list "tcp" "udp" -}}
{{- if get (default dict (get $c $protocol)) "configMapNamespace" -}}
{{- fail (printf "controller.%s.configMapNamespace: the ConfigMap is always in the release's namespace. Remove the value." $protocol) -}}
{{- end -}}
{{- end -}}
{{- if get (default dict $c.customTemplate) "configMapName" -}}
{{- fail "controller.customTemplate: there is no text template here that could be replaced. See which settings of yours are keys of the ConfigMap (controller.config), then remove the value." -}}
{{- end -}}
{{- if $c.extraModules -}}
{{- fail "controller.extraModules: modules cannot be added to NGINX here, and ignoring one could leave traffic unprotected. Remove the value if you can do without." -}}
{{- end -}}
{{- if get (default dict $c.keda) "enabled" -}}
{{- fail "controller.keda: this chart makes no ScaledObject. Use controller.autoscaling, or apply a ScaledObject of your own for the Deployment and remove the value." -}}
{{- end -}}
{{- if $c.configMapNamespace -}}
{{- fail "controller.configMapNamespace: the ConfigMap is always in the release's namespace. Put its keys into controller.config and remove the value." -}}
{{- end -}}
{{- if and .Values.rbac.scope (not $c.scope.enabled) -}}
{{- fail "rbac.scope: Roles alone suffice for one namespace only. Set controller.scope.enabled too, or leave rbac.scope false." -}}
{{- end -}}
{{- if $c.loadBalancer.provider -}}
{{- if .Values.rbac.scope -}}
{{- fail "controller.loadBalancer serves the Services of the whole cluster, which rbac.scope does not allow. Leave rbac.scope false, or the provider empty." -}}
{{- end -}}
{{- if $c.disableLeaderElection -}}
{{- fail "controller.loadBalancer needs the election that controller.disableLeaderElection switches off: only one replica may act." -}}
{{- end -}}
{{- if and (eq $c.loadBalancer.provider "alibaba") (empty $c.loadBalancer.alibaba.clusterId) -}}
{{- fail "controller.loadBalancer.alibaba.clusterId tells the clusters of an account apart and must never change: set it." -}}
{{- end -}}
{{- if and (eq $c.loadBalancer.provider "addresses") (not (has (get $c.loadBalancer.addresses "mode") (list "layer2" "external" "nodes"))) -}}
{{- fail "controller.loadBalancer.addresses.mode must be layer2, external or nodes." -}}
{{- end -}}
{{- end -}}
{{- $pages := .Values.defaultBackend.image -}}
{{- if and .Values.defaultBackend.enabled (empty $pages.image) (empty $pages.repository) -}}
{{- fail "defaultBackend.image: no image is named. Set registry, image and tag; without defaultBackend.enabled the built-in 404 answers." -}}
{{- end -}}
{{- if and .Values.rbac.namedSecrets (ne .Values.rbac.secrets "named") -}}
{{- fail "rbac.namedSecrets counts only with rbac.secrets=named; now every Secret could be read. Set it, or remove the list." -}}
{{- end -}}
{{- $ports := concat (values $c.containerPort) (list $c.metrics.port) -}}
{{- if $c.admissionWebhooks.enabled }}{{ $ports = append $ports $c.admissionWebhooks.port }}{{ end -}}
{{- range $ports -}}
{{- $port := int . -}}
{{- $same := 0 -}}
{{- range $ports }}{{ if eq (int .) $port }}{{ $same = add1 $same }}{{ end }}{{ end -}}
{{- if gt (int $same) 1 -}}
{{- fail (printf "Port %d is used twice in the pod. controller.containerPort, controller.metrics.port and controller.admissionWebhooks.port must all differ." $port) -}}
{{- end -}}
{{- end -}}
{{- if and $c.publishService.pathOverride (ne (len (splitList "/" $c.publishService.pathOverride)) 2) -}}
{{- fail (printf "controller.publishService.pathOverride is %q and must be namespace/name." $c.publishService.pathOverride) -}}
{{- end -}}
{{- end -}}

{{/* Values that were given and have no effect, one a line. */}}
{{- define "fairlead.withoutEffect" -}}
{{- $c := .Values.controller -}}
{{- if $c.allowSnippetAnnotations }}
controller.allowSnippetAnnotations: snippets are never run; they are reported.
{{- end }}
{{- if not $c.enableAnnotationValidations }}
controller.enableAnnotationValidations: annotations are always validated.
{{- end }}
{{- if and $c.enableTopologyAwareRouting .Values.rbac.scope (not (hasKey $c.extraArgs "zone")) }}
controller.enableTopologyAwareRouting: with rbac.scope nodes cannot be read; name the zone in extraArgs, or all ready endpoints are used.
{{- end }}
{{- if hasKey $c "enableMimalloc" }}
controller.enableMimalloc: nothing is preloaded.
{{- end }}
{{- if $c.maxmindLicenseKey }}
controller.maxmindLicenseKey: geography by MaxMind is not offered.
{{- end }}
{{- if get (default dict $c.opentelemetry) "enabled" }}
controller.opentelemetry: no traces are sent.
{{- end }}
{{- if $c.image.chroot }}
controller.image.chroot: there is one image, with a read-only file system.
{{- end }}
{{- if $c.admissionWebhooks.patch.image }}
controller.admissionWebhooks.patch.image: the job runs with the controller's image.
{{- end }}
{{- if $c.admissionWebhooks.patchWebhookJob }}
controller.admissionWebhooks.patchWebhookJob: one job does all; createSecretJob is about it.
{{- end }}
{{- if .Values.dhParam }}
dhParam: cipher suites with DHE are not offered, so no parameters are used.
{{- end }}
{{- if and .Values.portNamePrefix (not (or .Values.tcp .Values.udp)) }}
portNamePrefix: there are no TCP and UDP ports to name.
{{- end }}
{{- if .Values.podSecurityPolicy }}
podSecurityPolicy: Kubernetes has had no such thing since 1.25.
{{- end }}
{{- if get (default dict .Values.global) "image" }}
global.image: give the registry in controller.image.registry.
{{- end }}
{{- if and $c.service.internal.enabled (not (include "fairlead.internalService" .)) }}
controller.service.internal: not made without annotations or a loadBalancerClass, since most clouds would give it a public address.
{{- end }}
{{- if and $c.autoscaling.enabled (ne $c.kind "Deployment") }}
controller.autoscaling: a DaemonSet has one pod on each node.
{{- end }}
{{- end -}}
