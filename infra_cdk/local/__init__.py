"""The local stage: the production template on this machine, with no AWS account (docs/local-stage.md).

`python -m infra_cdk.local up|down|status|demo` is the way in; the Makefile calls it.
"""
