"""API room: the process. Settings, composition root, middleware, JSON routes, worker, command line, adapters."""
