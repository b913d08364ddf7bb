import Postgres
import ServiceKit

/// Who may use what of verification (domain.md section 8): the poverty office splits, sends and supervises, a department sees and
/// answers its own through its desk, and nobody signs for it.
let permissions = Permissions("""
    GET /v1/board                                               staff
    GET /v1/campaigns/:campaign/board                           work_team committee poverty_office subdistrict county
    GET /v1/campaigns/:campaign/discrepancies.xlsx              work_team poverty_office subdistrict
    GET /v1/campaigns/:campaign/reports/:report                 poverty_office subdistrict
    GET /v1/campaigns/:campaign/routes                          poverty_office subdistrict
    GET /v1/campaigns/:campaign/routes/history                  poverty_office subdistrict
    PUT /v1/campaigns/:campaign/routes                          poverty_office
    POST /v1/batches                                            poverty_office
    GET /v1/households/:household                               work_team poverty_office subdistrict
    POST /v1/requests/:request/send-back                        poverty_office
    GET /v1/refused-results                                     poverty_office
    GET /v1/departments/:department/keys                        poverty_office
    POST /v1/departments/:department/keys                       poverty_office
    POST /v1/departments/:department/keys/:kid/revocation       poverty_office
    GET /v1/countersignings                                     poverty_office
    POST /v1/countersignings/:countersigning/confirmation       poverty_office
    POST /v1/countersignings/:countersigning/refusal            poverty_office
    GET /countersignings                                        poverty_office
    POST /countersignings/:countersigning                       poverty_office

    POST /v1/desk/sessions                                      itself
    GET /v1/departments/:department/desk                        itself
    POST /v1/departments/:department/prepared-answers           itself
    GET /v1/departments/:department/open-requests               itself
    POST /v1/departments/:department/results                    itself

    GET /                                                       staff
    GET /campaigns/:campaign/board                              work_team committee poverty_office subdistrict county
    GET /desk                                                   everybody
    """)

/// Where what its paths name lies.
let places = Places([
    "household": { id in "SELECT division FROM files WHERE household = \(id)" },
    "request": { id in "SELECT f.division FROM requests q JOIN files f USING (household) WHERE q.id = \(id)" },
])
