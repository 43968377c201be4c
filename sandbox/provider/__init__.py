"""The sandbox's `aws` provider: a Pulumi resource plugin that only ever talks to a local AWS.

The real engine starts it in the AWS plugin's place (`pulumi-resource-aws`), so that programs written with
`pulumi_aws` deploy, unchanged, to moto. Reading order: `server` (the gRPC surface), `lifecycle` (what check,
diff, create, read, update and delete mean for any resource), `schema` (how a resource's properties are
described), then one AWS service a file in `resources`.
"""
