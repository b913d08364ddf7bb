import Postgres
import ServiceKit

/// Who may use what of intake (domain.md section 8). The poverty office supervises what becomes of tips and looks into none; sheets
/// with ID numbers in full are for those who may see them one by one.
let permissions = Permissions("""
    GET /v1/campaigns                                           staff
    POST /v1/campaigns                                          poverty_office
    GET /v1/campaigns/:campaign                                 staff
    GET /v1/campaigns/:campaign/settings                        staff
    GET /v1/campaigns/:campaign/settings/history                staff
    PUT /v1/campaigns/:campaign/settings                        poverty_office
    GET /v1/campaigns/:campaign/summary                         staff
    GET /v1/campaigns/:campaign/summary/pdf                     staff
    GET /v1/campaigns/:campaign/summary/xlsx                    staff
    GET /v1/divisions                                           staff
    PUT /v1/divisions                                           poverty_office
    GET /v1/divisions/:division/outline                         work_team clerk poverty_office
    PUT /v1/divisions/:division/outline                         poverty_office
    GET /v1/divisions/:division/seat                            work_team clerk poverty_office
    GET /v1/divisions/:division/seat/history                    work_team clerk poverty_office
    PUT /v1/divisions/:division/seat                            work_team clerk
    PUT /v1/divisions/:division/seat/mark                       work_team clerk poverty_office
    GET /v1/work-teams                                          staff
    GET /v1/work-teams/:team                                    staff
    POST /v1/work-teams                                         poverty_office
    PUT /v1/work-teams/:team                                    poverty_office

    GET /v1/templates/:kind                                     clerk work_team poverty_office
    POST /v1/imports                                            clerk work_team poverty_office
    GET /v1/imports                                             clerk work_team poverty_office
    GET /v1/imports/:import                                     clerk work_team poverty_office
    GET /v1/imports/:import/sheet                               clerk work_team poverty_office
    POST /v1/exports act=registered,not_registered,checklist    clerk work_team poverty_office
    POST /v1/exports act=measures,comparison,households,cases   clerk work_team poverty_office subdistrict
    GET /v1/exports                                             clerk work_team poverty_office subdistrict
    GET /v1/exports/:export                                     clerk work_team poverty_office subdistrict
    GET /v1/exports/:export/file act=registered,not_registered,checklist clerk work_team poverty_office
    GET /v1/exports/:export/file act=measures,comparison,households,cases clerk work_team poverty_office subdistrict

    GET /v1/households                                          clerk work_team poverty_office subdistrict
    POST /v1/households/search                                  clerk work_team poverty_office subdistrict
    GET /v1/households/:household                               clerk work_team poverty_office subdistrict
    GET /v1/households/:household/history                       clerk work_team poverty_office subdistrict
    PATCH /v1/households/:household                             clerk
    POST /v1/households/:household/reveal                       clerk work_team poverty_office
    POST /v1/members/:member/reveal                             clerk work_team poverty_office
    POST /v1/households/:household/closure                      poverty_office
    POST /v1/households/:household/purge                        poverty_office
    GET /v1/countersignings                                     poverty_office
    POST /v1/countersignings/:countersigning/confirmation       poverty_office
    POST /v1/countersignings/:countersigning/refusal            poverty_office
    GET /countersignings                                        poverty_office
    POST /countersignings/:countersigning                       poverty_office
    POST /v1/identifiers                                        service
    POST /v1/phones                                             service

    GET /v1/campaigns/:campaign/analysis                        work_team poverty_office subdistrict
    POST /v1/campaigns/:campaign/analysis/reveal                work_team poverty_office
    GET /v1/campaigns/:campaign/rosters                         work_team committee poverty_office subdistrict
    POST /v1/campaigns/:campaign/rosters                        work_team poverty_office
    POST /v1/campaigns/:campaign/rosters/reveal                 work_team poverty_office
    POST /v1/campaigns/:campaign/rosters/:kind/fixing           work_team poverty_office
    POST /v1/surveys                                            work_team
    POST /v1/surveys/batches                                    work_team
    GET /v1/households/:household/visits                        work_team poverty_office subdistrict
    POST /v1/households/:household/visit-choice                 work_team
    GET /v1/survey-conflicts                                    work_team poverty_office
    GET /v1/survey-conflicts/:conflict                          work_team poverty_office
    POST /v1/survey-conflicts/:conflict/reveal                  work_team
    POST /v1/survey-conflicts/:conflict/resolution              work_team
    POST /v1/campaigns/:campaign/assessments                    work_team poverty_office
    GET /v1/households/:household/explanation                   work_team committee poverty_office subdistrict
    POST /v1/households/:household/explanation/reveal           work_team poverty_office
    GET /v1/cases                                               work_team clerk committee poverty_office subdistrict
    POST /v1/cases                                              work_team poverty_office
    POST /v1/cases/:case/judgement                              work_team
    GET /v1/cases/:case/explanation                             work_team committee poverty_office subdistrict
    POST /v1/cases/:case/explanation/reveal                     work_team poverty_office
    GET /v1/campaigns/:campaign/closings                        clerk work_team poverty_office

    GET /v1/households/:household/position                      work_team clerk poverty_office
    GET /v1/households/:household/position/history              work_team clerk poverty_office
    PUT /v1/households/:household/position                      work_team clerk
    PUT /v1/households/:household/position/mark                 work_team clerk poverty_office
    POST /v1/households/:household/position/reveal              work_team clerk poverty_office
    GET /v1/campaigns/:campaign/positions                       work_team clerk poverty_office subdistrict
    POST /v1/campaigns/:campaign/positions/marks                work_team clerk poverty_office
    POST /v1/campaigns/:campaign/positions/required             poverty_office
    GET /v1/campaigns/:campaign/positions/progress              work_team clerk poverty_office subdistrict
    GET /v1/campaigns/:campaign/positions/progress.xlsx         work_team clerk poverty_office subdistrict
    GET /v1/position-accounts                                   poverty_office
    PUT /v1/position-accounts/:account                          poverty_office

    POST /v1/tips                                               work_team clerk committee poverty_office subdistrict
    GET /v1/tips                                                work_team poverty_office subdistrict
    GET /v1/tips/:tip                                           work_team poverty_office subdistrict
    POST /v1/tips/:tip/acts act=relate,concern,assign,close,merge,transfer,reopen work_team poverty_office subdistrict
    POST /v1/tips/:tip/acts act=investigate,find,answer         work_team subdistrict
    POST /v1/tips/:tip/tipster                                  work_team poverty_office subdistrict
    POST /v1/tip-receipts                                       everybody
    GET /v1/campaigns/:campaign/tip-figures                     work_team poverty_office subdistrict
    GET /v1/campaigns/:campaign/tip-ledger.xlsx                 work_team poverty_office subdistrict
    GET /v1/tip-offices                                         everybody
    PUT /v1/tip-offices                                         poverty_office

    GET /                                                       staff
    GET /campaigns/:campaign                                    staff
    GET /campaigns/:campaign/summary                            staff
    GET /campaigns/:campaign/imports                            clerk work_team poverty_office
    POST /campaigns/:campaign/imports                           clerk work_team poverty_office
    GET /campaigns/:campaign/imports/:import                    clerk work_team poverty_office
    GET /campaigns/:campaign/exports                            clerk work_team poverty_office subdistrict
    POST /campaigns/:campaign/exports act=registered,not_registered,checklist clerk work_team poverty_office
    POST /campaigns/:campaign/exports act=measures,comparison,households,cases clerk work_team poverty_office subdistrict
    GET /campaigns/:campaign/households                         clerk work_team poverty_office subdistrict
    POST /campaigns/:campaign/households/search                 clerk work_team poverty_office subdistrict
    GET /households/:household                                  clerk work_team poverty_office subdistrict
    GET /campaigns/:campaign/rosters                            work_team committee poverty_office subdistrict
    POST /campaigns/:campaign/rosters                           work_team poverty_office
    POST /campaigns/:campaign/rosters/:kind/fixing              work_team poverty_office
    GET /campaigns/:campaign/conflicts                          work_team poverty_office
    POST /campaigns/:campaign/conflicts/:conflict               work_team
    GET /campaigns/:campaign/positions                          work_team clerk poverty_office subdistrict
    GET /campaigns/:campaign/positions/map                      work_team clerk poverty_office subdistrict
    GET /explanation                                            work_team committee poverty_office subdistrict
    GET /tips                                                   work_team poverty_office subdistrict
    GET /tips/:tip                                              work_team poverty_office subdistrict
    POST /tips/:tip act=relate,concern,assign,close,merge,transfer,reopen work_team poverty_office subdistrict
    POST /tips/:tip act=investigate,find,answer                 work_team subdistrict
    POST /tips/:tip/tipster                                     work_team poverty_office subdistrict
    GET /tip-entry                                              work_team clerk committee poverty_office subdistrict
    POST /tip-entry                                             work_team clerk committee poverty_office subdistrict
    GET /tip                                                    everybody
    POST /tip                                                   everybody
    GET /tip-receipt                                            everybody
    POST /tip-receipt                                           everybody
    """)

/// Where what its paths name lies.
let places = Places([
    "household": { id in "SELECT division FROM households WHERE id = \(id)" },
    "member": { id in "SELECT h.division FROM members m JOIN households h ON h.id = m.household_id WHERE m.id = \(id)" },
    "case": { id in "SELECT h.division FROM cases c JOIN households h ON h.id = c.household_id WHERE c.id = \(id)" },
    "conflict": { id in "SELECT h.division FROM survey_conflicts c JOIN households h ON h.id = c.household_id WHERE c.id = \(id)" },
    "tip": { id in "SELECT coalesce(h.division, t.place) AS division FROM tips t LEFT JOIN households h ON h.id = t.household_id WHERE t.id = \(id)" },
])
