"""Real servers without an installation: PostgreSQL and two Valkey, started from wheels where no URL is configured.

`supervisor.ServiceSupervisor` is the door. Life of the servers:

- The first process that needs them starts them, later processes share them (`leases.py`), the last one out stops
  them. `start(keep=True)` keeps them until `stop()`.
- A process that holds a lease also watches: a server that dies is restarted on its old port (`watch.py`).
- A using process that is itself killed cannot stop anything: its servers run on until the next command, which
  adopts them and, as the last one out, stops them. They are not tied to the death of their parent
  (PR_SET_PDEATHSIG), because other processes may be using them.
"""
