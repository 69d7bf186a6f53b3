"""source: a program as plain Python, to be read, or run without llvmlite.

With the notes of a recording the text is for a reader: it has names, comments,
functions for what comes again, and lists of lists. Without notes it is to be run.

    text        the whole source, and the function that it defines
    frame       the lines of a function: the program, or what a loop repeats
    operands    what stands for operands in a line
    script      what all functions of a source share: lists, names and functions
    places      where operands lie, and the lists that lines make
    targets     which lists are gradients at which others, and their names after that
    constants   those that are read by an index, as a list of their own
    rules       the slopes of a row on a list, as functions
    ragged      blocks of lanes that differ in their lengths
    nested      these as lists of lists, in Python
    procedures  lines that come again, as functions and calls
    letters     one for each thing that is counted
    legend      what p and x are, and what names say, in comments
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called
