"""How colcon and pip install the nodes."""

from setuptools import setup

setup(
    name="patrol_nodes",
    version="0.1.0",
    packages=["patrol_nodes"],
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/patrol_nodes"]),
        ("share/patrol_nodes", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    license="Apache-2.0",
    entry_points={"console_scripts": ["patrol_node = patrol_nodes.run:main"]},
)
