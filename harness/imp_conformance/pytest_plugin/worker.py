"""What a worker of pytest-xdist executes: xdist's own code, with the paths of the worker's installation of this package.

The source of this module travels to the worker, which may be on another machine; nothing here is imported before it runs there.
"""

if __name__ == "__channelexec__":
    import inspect
    import sys

    import xdist.remote  # type: ignore[import-untyped]

    received = channel.receive()  # type: ignore[name-defined] # noqa: F821 - execnet gives it
    workerinput, args, options, controller_path = received
    if controller_path is not None:  # a process of the controller's machine, in which its modules are to be found
        sys.path = controller_path

    from imp_conformance.pytest_plugin.launch import own_paths

    received = (workerinput, own_paths(args), options, controller_path)
    channel.receive = lambda: received  # type: ignore[name-defined] # noqa: F821
    exec(compile(inspect.getsource(xdist.remote), xdist.remote.__file__, "exec"))
