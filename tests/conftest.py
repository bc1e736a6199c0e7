"""What holds for every test."""

from django.contrib.auth.hashers import Argon2PasswordHasher

# The real parameters cost 100 MiB and 0.3 s a password, and no test is about them.
Argon2PasswordHasher.time_cost = 1
Argon2PasswordHasher.memory_cost = 64
Argon2PasswordHasher.parallelism = 1
