"""Amazon Cognito user pools: pools, app clients, groups, users, and how users sign in.

Reads and writes the resources of ``model.cognito`` and ``model.sign_ins``; tokens come from the issuer in the context.
"""

from sekisho.services.cognito_idp import (
    absent,
    admin_passwords,
    app_clients,
    branding,
    client_settings,
    domains,
    groups,
    log_delivery,
    mfa,
    own_account,
    pool_settings,
    recovery,
    resource_servers,
    schema,
    sign_up,
    tags,
    user_creation,
    user_pools,
    user_values,
    users,
)
from sekisho.services.cognito_idp.sign_in import operations as sign_in
from sekisho.services.cognito_idp.sign_in import refresh
from sekisho.services.registry import Service

SERVICE = Service.from_modules(
    "cognito-idp",
    (
        pool_settings,
        schema,
        user_pools,
        mfa,
        log_delivery,
        client_settings,
        app_clients,
        resource_servers,
        domains,
        branding,
        groups,
        user_values,
        users,
        user_creation,
        admin_passwords,
        sign_up,
        recovery,
        sign_in,
        refresh,
        own_account,
        tags,
        absent,
    ),
)
