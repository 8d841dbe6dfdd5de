"""Stand-ins of the services we talk to, over real HTTP: `python -m tests.sandbox`.

They serve the demo, the end-to-end tests and the load tests alike. They know nothing of `taxpoynt`: what they accept
and refuse comes from the vendors' documents only, so that a misreading on our side shows up as a refusal here.
"""
