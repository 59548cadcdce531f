"""Measuring music: from notes and from samples, in numpy and scipy alone.

One module a question (key, harmony, pulse, structure...), each naming its method and its source;
:mod:`tools.kit.verdicts` turns the measures into verdicts on the fields of a Brief.
"""
