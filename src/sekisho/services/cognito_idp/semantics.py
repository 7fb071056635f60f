"""What the operations of user pools promise, rule by rule, with the page that says so."""

from sekisho.kernel.semantics import Kind, Rule

_API = "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference"
_GUIDE = "https://docs.aws.amazon.com/cognito/latest/developerguide"

RULES: tuple[Rule, ...] = (
    Rule(
        "COGNITO-16",
        "Disabling a user ends the sign-ins there are.",
        Kind.DOCUMENTED,
        f"{_API}/API_AdminDisableUser.html",
    ),
    Rule(
        "COGNITO-17",
        "RevokeToken ends a sign-in by its refresh token; access tokens of the same sign-in are refused by "
        "this service, not by who only verifies signatures.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/token-revocation.html",
    ),
    Rule(
        "COGNITO-20",
        "A user is found by username, by sub, and by the aliases of the pool; without case sensitivity in "
        "any spelling.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/user-pool-settings-attributes.html",
    ),
    Rule(
        "COGNITO-21",
        "An address or number is an alias only while it is verified, and of one user only.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/user-pool-settings-attributes.html",
    ),
    Rule(
        "COGNITO-22",
        "In a pool with username attributes the given username is that attribute, and the username a UUID.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/user-pool-settings-attributes.html",
    ),
    Rule(
        "COGNITO-23",
        "SECRET_HASH is the HMAC-SHA256 of username and client id under the client secret; a client with a "
        "secret must give it, one without must not.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/signing-up-users-in-your-app.html",
    ),
    Rule(
        "COGNITO-24",
        "A new password follows the pool's policy: length, upper and lower case, digits, symbols.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/managing-users-passwords.html",
    ),
    Rule(
        "COGNITO-25",
        "A new password is none of the last ones, as many as the policy says.",
        Kind.DOCUMENTED,
        f"{_API}/API_PasswordPolicyType.html",
    ),
    Rule(
        "COGNITO-26",
        "With PreventUserExistenceErrors a user that does not exist is answered like one whose password is "
        "wrong; without it UserNotFoundException.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/cognito-user-pool-managing-errors.html",
    ),
    Rule(
        "COGNITO-27",
        "After five wrong passwords the next attempt has to wait a second; each further one doubles that, up "
        "to 15 minutes.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/amazon-cognito-user-pools-authentication-flow.html",
    ),
    Rule(
        "COGNITO-28",
        "A challenge can be answered once, by the app client that got it, within its AuthSessionValidity.",
        Kind.DOCUMENTED,
        f"{_API}/API_RespondToAuthChallenge.html",
    ),
    Rule(
        "COGNITO-29",
        "A temporary password is good for as many days as the policy says.",
        Kind.DOCUMENTED,
        f"{_API}/API_PasswordPolicyType.html",
    ),
    Rule(
        "COGNITO-30",
        "UpdateUserPool and UpdateUserPoolClient set what a request leaves out to its default.",
        Kind.DOCUMENTED,
        f"{_API}/API_UpdateUserPool.html",
    ),
    Rule(
        "COGNITO-31",
        "Where a password policy is given, what it leaves out is not required.",
        Kind.OBSERVED,
        f"{_API}/API_PasswordPolicyType.html",
    ),
    Rule(
        "COGNITO-32",
        "MfaConfiguration ON is refused: there are no second factors here.",
        Kind.CHOSEN,
        f"{_API}/API_CreateUserPool.html",
        "A pool that asks for no second factor where one was wanted would be open.",
    ),
    Rule(
        "COGNITO-33",
        "A required attribute must be given by who signs up; a user whom an administrator creates can give it with "
        "the first password.",
        Kind.DOCUMENTED,
        f"{_API}/API_AdminCreateUser.html",
    ),
    Rule(
        "COGNITO-34",
        "A user's second factors can be turned off, and nothing can be turned on.",
        Kind.CHOSEN,
        f"{_API}/API_SetUserMFAPreference.html",
        "A preference that nothing asks for would look like protection.",
    ),
    Rule(
        "COGNITO-35",
        "The invitation of a user whom an administrator creates goes by every medium that is asked for, and by SMS "
        "where none is.",
        Kind.DOCUMENTED,
        f"{_API}/API_AdminCreateUser.html",
    ),
    Rule(
        "COGNITO-40",
        "client_credentials is the only flow of a client that has it, needs a secret, and takes scopes of "
        "resource servers only.",
        Kind.DOCUMENTED,
        f"{_API}/API_CreateUserPoolClient.html",
    ),
    Rule(
        "COGNITO-41",
        "Callback and logout URLs are absolute, have no fragment, and use HTTPS unless they lead to this "
        "machine or to an app.",
        Kind.DOCUMENTED,
        f"{_API}/API_CreateUserPoolClient.html",
    ),
    Rule(
        "COGNITO-50",
        "A trigger that fails, cannot be called or answers no event gets UserLambdaValidationException, "
        "UnexpectedLambdaException or InvalidLambdaResponseException.",
        Kind.DOCUMENTED,
        f"{_API}/API_InitiateAuth.html",
    ),
    Rule(
        "COGNITO-70",
        "After five wrong codes a confirmation code is not looked at any more.",
        Kind.CHOSEN,
        f"{_API}/API_ConfirmSignUp.html",
        "TooManyFailedAttemptsException is documented, the number is not.",
    ),
    Rule(
        "COGNITO-71",
        "A code for a new password goes to a verified address or number, in the order of the pool's "
        "AccountRecoverySetting.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/managing-users-passwords.html",
    ),
    Rule(
        "COGNITO-72",
        "A changed address or number is unverified until its code is given; with verification before update "
        "it takes effect only then.",
        Kind.DOCUMENTED,
        f"{_GUIDE}/user-pool-settings-email-phone-verification.html",
    ),
)
"""Every rule of this part, in the order of their ids."""
