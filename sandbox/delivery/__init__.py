"""What Lambda does for a function that moto can hold but not run: event source mappings and asynchronous
invocations.

queue → batch → worker process (the deployed zip, the function's variables and role) → batchItemFailures
      → delete what succeeded, show again what failed → dead-letter queue, by the queue's own redrive policy
"""
