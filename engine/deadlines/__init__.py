"""Time: what a vamp costs, how many passes of it fit before a deadline, and what a line of vamps can be promised.

Everything here is arithmetic on plain numbers except `pacer`, which looks at a clock, and `measure`, which runs models.
"""
