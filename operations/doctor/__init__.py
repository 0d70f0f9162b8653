"""What a machine needs to run the pipeline, its tests and its containers.

`needs` lists them; `registry.doctor` looks at them and prints.
"""

from operations.doctor.needs import Wanted, pipeline_needs

__all__ = ["Wanted", "pipeline_needs"]
