import Postgres
import ServiceKit

/// Who may use what of review (domain.md section 8): each meeting's minutes come from whoever keeps them, the gate and the report
/// are the subdistrict's, the county confirms and returns, and the public reads what hangs. A meeting is called and kept by those
/// whose it is (R20 to R27); the work team posts the community's lists (R24), the subdistrict its own (R28), and whoever passes a
/// sheet notes that it is gone or takes it down (R25). That a list hung later than noted is for two of those who supervise it to say.
let permissions = Permissions("""
    GET /v1/board                                               staff
    GET /v1/cases                                               work_team committee poverty_office subdistrict county
    GET /v1/cases/:case                                         work_team committee poverty_office subdistrict county
    GET /v1/cases/:case/certificate                             work_team poverty_office subdistrict county
    POST /v1/cases/:case/investigations                         work_team
    POST /v1/carry-overs                                        poverty_office subdistrict
    GET /v1/lists/:status/xlsx                                  work_team committee poverty_office subdistrict
    GET /v1/ledger/xlsx                                         work_team poverty_office subdistrict

    POST /v1/convenings act=internal_review,initial_decision,resolution committee
    POST /v1/convenings act=public_review                       work_team committee
    POST /v1/convenings act=approval                            subdistrict
    POST /v1/meetings act=internal_review,public_review,initial_decision,resolution committee
    POST /v1/meetings act=approval                              subdistrict
    GET /v1/meetings                                            work_team committee poverty_office subdistrict
    GET /v1/meetings/:meeting                                   work_team committee poverty_office subdistrict
    POST /v1/meetings/:meeting/adjournments act=internal_review,public_review,initial_decision,resolution committee
    POST /v1/meetings/:meeting/adjournments act=approval        subdistrict
    POST /v1/meetings/:meeting/cancellations act=internal_review,public_review,initial_decision,resolution committee
    POST /v1/meetings/:meeting/cancellations act=approval       subdistrict

    POST /v1/windows act=community                              work_team
    POST /v1/windows act=subdistrict                            subdistrict
    GET /v1/windows                                             work_team committee poverty_office subdistrict
    GET /v1/windows/:window                                     work_team committee poverty_office subdistrict
    GET /v1/windows/:window/receipt                             work_team committee poverty_office subdistrict
    GET /v1/windows/:window/sheets/:copy/pdf                    work_team subdistrict
    POST /v1/windows/:window/missing                            work_team subdistrict
    POST /v1/windows/:window/postings act=community             work_team
    POST /v1/windows/:window/postings act=subdistrict           subdistrict
    POST /v1/windows/:window/recalls                            work_team subdistrict
    POST /v1/windows/:window/correction                         poverty_office subdistrict
    GET /v1/countersignings                                     poverty_office subdistrict
    POST /v1/countersignings/:countersigning/confirmation       poverty_office subdistrict
    POST /v1/countersignings/:countersigning/refusal            poverty_office subdistrict
    GET /countersignings                                        poverty_office subdistrict
    POST /countersignings/:countersigning                       poverty_office subdistrict

    POST /v1/reports                                            subdistrict
    GET /v1/reports                                             poverty_office subdistrict county
    GET /v1/reports/:report/sheet                               subdistrict county
    POST /v1/reports/:report/answers                            county
    POST /v1/county-answers                                     county

    GET /                                                       staff
    GET /cases                                                  work_team committee poverty_office subdistrict county
    GET /cases/:case                                            work_team committee poverty_office subdistrict county
    POST /cases/:case                                           work_team
    GET /meetings                                               work_team committee poverty_office subdistrict
    POST /meetings act=internal_review,initial_decision,resolution committee
    POST /meetings act=public_review                            work_team committee
    POST /meetings act=approval                                 subdistrict
    GET /meetings/:meeting                                      work_team committee poverty_office subdistrict
    POST /meetings/:meeting act=internal_review,public_review,initial_decision,resolution committee
    POST /meetings/:meeting act=approval                        subdistrict
    GET /windows                                                work_team committee poverty_office subdistrict
    POST /windows act=community                                 work_team
    POST /windows act=subdistrict                               subdistrict
    GET /windows/:window                                        work_team committee poverty_office subdistrict
    POST /windows/:window act=post:community                    work_team
    POST /windows/:window act=post:subdistrict                  subdistrict
    POST /windows/:window act=miss:community,miss:subdistrict,take:community,take:subdistrict work_team subdistrict
    GET /windows/:window/sheets/:copy                           work_team subdistrict

    GET /notices                                                everybody
    GET /notices/:division                                      everybody
    GET /objections/:window                                     everybody
    GET /robots.txt                                             everybody
    """)

/// Where what its paths name lies.
let places = Places([
    "case": { id in "SELECT division FROM cases WHERE id = \(id)" },
    "meeting": { id in "SELECT division FROM meetings WHERE id = \(id)" },
    "window": { id in "SELECT division FROM windows WHERE id = \(id)" },
])
