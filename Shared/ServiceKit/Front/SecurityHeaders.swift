import HTTPTypes
import Hummingbird

/// What every answer tells a browser: nothing comes from elsewhere, nothing is framed, nothing goes into a referrer, and next time
/// it comes by TLS (which a browser hears only where it did).
enum SecurityHeaders {
    static let fields: HTTPFields = {
        var fields = HTTPFields()
        for (name, value) in [
            ("Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ] { if let name = HTTPField.Name(name) { fields[name] = value } }
        return fields
    }()
}

struct HeaderMiddleware: RouterMiddleware {
    @concurrent func handle(
        _ request: Request, context: PeerContext, next: @concurrent (Request, PeerContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for field in SecurityHeaders.fields { response.headers[field.name] = field.value }
        return response
    }
}
