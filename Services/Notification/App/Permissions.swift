import Postgres
import ServiceKit

/// Who may use what of notification (domain.md section 8). What a household or a tipster is told is read at the counter or by
/// receipt code; the announcement is the public's. Letters are carried by those who know the groups.
let permissions = Permissions("""
    GET /v1/board                                               staff
    GET /v1/notices                                             work_team clerk poverty_office subdistrict
    GET /v1/notices/:notice                                     work_team clerk poverty_office subdistrict
    POST /v1/notices/:notice/send-again                         clerk poverty_office
    POST /v1/notices/:notice/arrival                            clerk poverty_office
    POST /v1/notices/:notice/return                             clerk poverty_office
    GET /v1/unanswered                                          work_team clerk poverty_office subdistrict
    GET /v1/letters                                             work_team clerk poverty_office subdistrict
    GET /v1/letter-rounds                                       work_team clerk poverty_office subdistrict
    POST /v1/letter-rounds                                      work_team clerk poverty_office
    GET /v1/letter-rounds/:round                                work_team clerk poverty_office subdistrict
    GET /v1/letter-rounds/:round/letters/pdf                    work_team clerk poverty_office
    GET /v1/letter-rounds/:round/receipt/pdf                    work_team clerk poverty_office
    POST /v1/letter-rounds/:round/receipts                      work_team clerk poverty_office
    GET /v1/texts                                               staff
    PUT /v1/texts/:template/:language                           poverty_office
    POST /v1/texts/:template/:language/preview                  poverty_office
    PUT /v1/recipients/:audience/:recipient/ways/:channel       clerk poverty_office
    PUT /v1/recipients/:audience/:recipient/language            clerk poverty_office
    GET /v1/announcements                                       everybody
    GET /v1/announcements/:announcement                         everybody

    GET /                                                       staff
    GET /notices                                                work_team clerk poverty_office subdistrict
    GET /notices/:notice                                        work_team clerk poverty_office subdistrict
    POST /notices/:notice                                       clerk poverty_office
    GET /letters                                                work_team clerk poverty_office subdistrict
    POST /letters                                               work_team clerk poverty_office
    GET /letters/:round                                         work_team clerk poverty_office subdistrict
    POST /letters/:round                                        work_team clerk poverty_office
    GET /texts                                                  staff
    GET /texts/:template/:language                              staff
    POST /texts/:template/:language                             poverty_office
    POST /texts/:template/:language/preview                     poverty_office
    GET /announcements                                          everybody
    GET /announcements/:announcement                            everybody
    """)

/// Where what its paths name lies.
let places = Places([
    "notice": { id in "SELECT division FROM notices WHERE id = \(id)" },
    "round": { id in "SELECT division FROM rounds WHERE id = \(id)" },
])
