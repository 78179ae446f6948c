"""The camera, live, while somebody watches: masked pictures as H.264 to the station."""
