import ServiceKit

/// Who may use what of notification (domain.md section 8). What a household or a tipster is told is read at the counter or by
/// receipt code; the announcement is the public's.
let permissions = Permissions("""
    GET /v1/board                                               staff
    GET /v1/notices                                             work_team clerk poverty_office subdistrict
    GET /v1/notices/:notice                                     work_team clerk poverty_office subdistrict
    POST /v1/notices/:notice/send-again                         clerk poverty_office
    POST /v1/notices/:notice/arrival                            clerk poverty_office
    POST /v1/notices/:notice/return                             clerk poverty_office
    GET /v1/unanswered                                          work_team clerk poverty_office subdistrict
    GET /v1/texts                                               staff
    PUT /v1/texts/:template/:language                           poverty_office
    POST /v1/texts/:template/:language/preview                  poverty_office
    PUT /v1/recipients/:audience/:recipient/ways/:channel       clerk poverty_office
    GET /v1/announcements                                       everybody
    GET /v1/announcements/:announcement                         everybody
    """)
