"""A sentence becomes sound: espeak-ng, without a network."""
