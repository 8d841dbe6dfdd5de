"""Where real parts meet the services: one module per function, each with one factory of the function's own name.

Every factory reads its settings once, makes its clients once and is cached for the life of the execution
environment. Imports of what only one function needs stand in its module (or inside the factory where they are
heavy), so that a function loads nothing of the others. Add a function by adding a file; nothing here is shared
but `parts`.
"""
