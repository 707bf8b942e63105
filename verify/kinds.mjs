// Every kind of act that the platform enters in its ledger. An entry of another kind is none of its acts.
export const KINDS = new Set(`
acl.granted acl.revoked agency.assessment_closed agency.assessment_opened agency.checked agency.chosen
agency.complaint_answered agency.complaint_decided agency.complaint_filed agency.complaint_taken
agency.complaint_withdrawn agency.contract_ended agency.contract_offered agency.contract_returned
agency.contract_signed agency.control_checked agency.control_declared agency.correction_rechecked
agency.correction_reported agency.declined agency.inspection_begun agency.inspection_concluded agency.left
agency.list_published agency.proposed agency.rated agency.request_withdrawn agency.requested agency.restricted
agency.restriction_lifted agency.selection_entered agency.selection_marked agency.selection_opened agency.submitted
agency.tender_inspected agency.trained alert.handled alert.raised archive.disposed archive.excepted archive.freed
archive.held archive.paper archive.requested award.decided award.published award.reported bid.replaced bid.submitted
bid.withdrawn blind.chaff blind.opened calendar.changed candidate.passed_over candidates.shown candidates.voided
challenge.answered challenge.filed challenge.withdrawn clarification.acknowledged client.released clock.alarm
committee.arrived committee.drawn complaint.corrected complaint.decided complaint.filed complaint.reviewed
complaint.withdrawn contract.acceptance contract.bond contract.change contract.confirmed contract.filed
contract.payment contract.rated contract.returned credit.checked credit.closed credit.effective credit.reported
custody.conflict custody.released custody.replacement custody.taken deposit.account_opened deposit.difference_settled
deposit.disclosed deposit.notice deposit.received deposit.reconciled deposit.refund_ordered deposit.refund_paid
deposit.refund_retried deposit.reversed deposit.secret_refund_ordered deposit.secret_refund_paid deposit.unidentified
deposit.unidentified_returned deposit.withheld deposit.withholding_answered deposit.withholding_decided
deposit.withholding_objected deposit.withholding_revoked document.obtained document.printed document.printed_in_secret
document.reviewed document.submitted document.superseded document.voided draw.bad_share draw.committed draw.defined
draw.listed draw.names draw.recovery_requested draw.replaced draw.result draw.revealed draw.seeded draw.share
draw.void envelope.admitted envelope.returned evaluation.answered evaluation.chaired evaluation.combined
evaluation.corrected evaluation.monitored evaluation.moved evaluation.questioned evaluation.reordered
evaluation.reviewed evaluation.started evaluation.voted expert.activated expert.applied expert.appointed
expert.changed expert.conduct expert.conduct_withdrawn expert.examined expert.graded expert.looked_at expert.rated
expert.recommended expert.removed expert.restored expert.reviewed expert.sanctioned expert.suspended expert.trained
fact.reported fallback.approved fallback.bad_share fallback.failed fallback.opened fallback.refused fallback.requested
fallback.share feedback.acknowledged feedback.handed framework.catalogue framework.line framework.order
framework.price framework.quote guarantee.ended guarantee.issued history.imported holder.ready inquiry.answered
inquiry.filed invitations.sent key.enrolled key.revoked ledger.note limit.waived lot.archived lot.deadline_changed
lot.deadline_restored lot.failed lot.locked lot.policy_signed lot.resumed lot.suspended lot.terminated
notice.published notices.disclosed objection.answered objection.filed objection.withdrawn opening.closed
opening.extended opening.key_failed opening.key_released opening.placed opening.revealed opening.started
organisation.founded organisation.reviewed organisation.rules_signed organisation.submitted outage.confirmed
outage.declared outage.refused pattern.added pattern.ended pool.adjusted pool.called pool.check_begun
pool.check_concluded pool.check_corrected pool.check_found pool.check_published pool.check_rechecked pool.check_stated
pool.imported pool.shared project.entrustment project.officer_assigned project.regulator_ruled project.reviewed
project.ruling_asked project.submitted question.asked remote.answered remote.discussed remote.interrupted
remote.recorded remote.requested remote.resumed remote.stated remote.withdrawn report.off_platform report.signed
report.unsigned score.blind score.submitted seal.introduced setting.changed site.check_in site.deduction site.finding
site.inspection step.taken step.taken_in_secret steps.undone template.published tender.amended tender.handler_assigned
tender.handler_withdrawn tender.next_round tender.published tender.terminated tolerance.broken tolerance.fulfilled
tolerance.granted venue.admitted venue.booked venue.fault_repaired venue.fault_reported venue.left venue.moved
venue.phone_kept venue.phone_returned venue.released venue.turned_away witness.concern witness.corrected witness.named
witness.signed
`.trim().split(/\s+/));
