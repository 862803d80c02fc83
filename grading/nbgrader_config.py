"""The course as nbgrader sees it.

``nbgrader autograde CHAPTER``, typed in this folder, takes the same path as ``lgm-grade``.
"""

import os
import sys
from pathlib import Path

from grading.workspace import SOURCES, Workspace

# nbgrader looks for alembic on the PATH, where it is only when the environment is activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

work = Workspace.current()
c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.CourseDirectory.course_id = "lgm"
c.CourseDirectory.root = str(work.root)
c.CourseDirectory.db_url = work.gradebook
# An absolute path stands by itself; the others are below the root.
c.CourseDirectory.source_directory = str(SOURCES)

c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write your answer here")'}
c.ClearSolutions.text_stub = "*Write your answer here.*"

c.GenerateFeedback.exporter_class = "grading.feedback.FeedbackExporter"

c.OverwriteCells.add_missing_cells = True
c.Autograde.exporter_class = "grading.autograde.SubmissionExporter"
# As nbgrader has them, with the execution replaced, and without CheckCellMetadata: the exporter
# puts back the release's own marks, which were checked when it was made.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
]
recording = [
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
c.Autograde.autograde_preprocessors = ["grading.autograde.JudgedExecute", *recording]
# It is given what has been run.
c.Recorder.autograde_preprocessors = recording
# Otherwise a notebook is validated after each of these.
c.Exporter.optimistic_validation = True
