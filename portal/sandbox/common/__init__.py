"""What both sandboxes share. None of it knows Exact or Productive.

* ``clock.Clock``: the sandbox's own time, moved on by a back door.
* ``calls.CallLog``: every call since the last reset.
* ``faults.Faults``: what shall go wrong, and when.
* ``limits.Limits`` and ``limits.Windows``: adjustable limits and fixed-window counters.
* ``doors.Backstage`` bundles these. ``doors.common_doors(...)`` is the Flask blueprint of the shared back
  doors (reset, calls, faults, clock, limits). ``asked`` reads the JSON that a back door is given.
* ``stage.Stage``: the WSGI wrapper that logs calls, acts out faults and sets ``Date``.
* ``snapshot.Snapshot``: keeps the state in a JSON file, debounced and at exit.
* ``server``: a threaded server on loopback, in the foreground or inside a test.

A sandbox is put together like this::

    backstage = Backstage(Clock(), limits=Limits(minute=60, day=5000))
    app.register_blueprint(common_doors(backstage, reset=state.reset))
    app.wsgi_app = Stage(app.wsgi_app, backstage)
"""
