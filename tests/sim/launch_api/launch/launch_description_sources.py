"""launch/launch_description_sources/python_launch_description_source.py."""


class PythonLaunchDescriptionSource:
    def __init__(self, launch_file_path: str) -> None:
        self.location = launch_file_path
