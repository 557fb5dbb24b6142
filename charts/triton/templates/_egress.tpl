{{- /* triton.askDns: DNS without `to`: node-local caches answer from addresses that no selector matches.
OpenShift's pods listen on 5353. */}}
{{- define "triton.askDns" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
    - port: 5353
      protocol: UDP
    - port: 5353
      protocol: TCP
{{- end }}

{{- /* triton.download: the port of a store, and what gives identities. Argument: the store's address, or https: alone. */}}
{{- define "triton.download" -}}
- ports:
    - port: {{ int (regexFind ":[0-9]+$" . | trimPrefix ":" | default (ternary "443" "80" (hasPrefix "https:" .))) }}
{{- /* Identities come from metadata servers: AWS, EKS Pod Identity, Google (GKE: 988) and Azure. */}}
- to:
    - ipBlock:
        cidr: 169.254.169.254/32
    - ipBlock:
        cidr: 169.254.170.23/32
    - ipBlock:
        cidr: 169.254.169.252/32
    - ipBlock:
        cidr: fd00:ec2::23/128
  ports:
    - port: 80
    - port: 988
{{- end }}
