"""Build the extension modules: every ``.pyx`` of the packages; setup.cfg has the rest."""

from pathlib import Path

import lxml
import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup

PACKAGES = ("corpus", "indexer", "search", "web")

# Products and sums stay apart, so that scores round alike on every processor.
OPTIONS = ["-O3", "-g0", "-ffp-contract=off"]

setup(
    ext_modules=cythonize(
        [
            Extension(
                ".".join(path.with_suffix("").parts),
                [str(path)],
                include_dirs=[numpy.get_include(), *lxml.get_include()],
                define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
                extra_compile_args=OPTIONS,
            )
            for package in PACKAGES
            for path in sorted(Path(package).rglob("*.pyx"))
        ],
        nthreads=2,
        quiet=True,
        build_dir="build",
        compiler_directives={
            "language_level": 3,
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
        },
    )
)
