"""What is made of a released letter for people who have no meshcoal.

Law: a function of the package alone. What is not in the package cannot leave; whoever has the package can
make the same files, byte for byte. Templates are data files, and foreign text enters them as text.
"""
