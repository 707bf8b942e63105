"""Doors of the expert pool. Single people and files are guarded further inside."""

OFFICES = {"staff", "supervisor"}
RATERS = {"staff", "tenderee", "agency", "supervisor"}

ROWS = {
    "experts:board": {"public"},
    "experts:application": {"signed_in"},
    "experts:proof": {"signed_in"},
    "experts:training": {"signed_in"},
    "experts:exam": {"signed_in"},
    "experts:sit_exam": {"signed_in"},
    "experts:archive": {"expert"},
    "experts:new_change": {"expert"},
    "experts:fees": {"expert"},
    "experts:regulator_desk": {"supervisor"},
    "experts:review": {"supervisor"},
    "experts:decide_change": {"supervisor"},
    "experts:assess_year": {"supervisor"},
    "experts:batch": {"supervisor"},
    "experts:experts": OFFICES,
    "experts:expert": OFFICES,
    "experts:look": OFFICES,
    "experts:look_at_expert": OFFICES,
    "experts:centre_desk": {"staff"},
    "experts:gaps": OFFICES,
    "experts:new_course": OFFICES,
    "experts:course": OFFICES,
    "experts:questions": OFFICES,
    "experts:new_exam": OFFICES,
    "experts:exam_results": OFFICES,
    "experts:exchanges": {"staff"},
    "experts:import_template": {"staff"},
    "experts:share": {"staff"},
    "experts:exchange": {"staff"},
    "experts:ratings": RATERS,
    "experts:rating": RATERS,
}
