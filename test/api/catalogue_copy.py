# SPDX-License-Identifier: Apache-2.0
"""The default catalogue as its design document has it: a copy of its own, so that the tests do not believe the code."""

AREA_TEXT = {
    "api": """org:read org:update org:delete org_owner:update orgs:read org_configuration:read org_configuration:write
        org_audit_trail:read org_backup:read org_user:list org_user:create org_user:update org_user:delete
        org_invitations:list org_invitations:create org_invitations:delete roles:list roles:read roles:create
        roles:update
        roles:delete scopes:list teams:list teams:read teams:create teams:update teams:delete team_members:update
        team_apps:update tokens:list tokens:create tokens:update tokens:delete tokens:introspect apps:list project:read
        project:update project:delete project:archive app_group:update app_group:delete findings:list findings:read
        findings:summary comments:list comments:read versions:list versions:read reports:read sca:read scans:read
        saml_config:create saml_config:list saml_config:update saml_config:delete webhook:read webhook:write
        subscriptions:read org_metrics:read wiz_auth:write wiz_enrollment:read wiz_enrollment:write
        azureboard_auth:write
        azureboard_association:read azureboard_association:write azureboard_workitem:read azureboard_workitem:write""",
    "scans": """apps:create apps:list project:create project:read project_branch:update uploads:write org_runs:create
        org_runs:read scans:create scans:read scan_status:update metrics:write org_configuration:read""",
    "check_analysis": """scans:read findings:list check_analysis_configuration:list
    check_analysis_configuration:read""",
    "modify_findings": """findings:list findings:read findings:update finding_status:update finding_fixed:update
        finding_ignore:update finding_assign:update comments:list comments:read comments:create""",
    "remediation": "findings:list findings:read autofix:read",
    "policies": """policies:list policies:read policies:write check_analysis_configuration:list
        check_analysis_configuration:read check_analysis_configuration:write""",
    "jira_integration": """apps:list project:read findings:list findings:read jira_association:read
        jira_association:write jira_issue:read jira_issue:write""",
    "legacy": """auth_provider:* blocked_seats:list blocked_seats:update cold_start_subscription:read
        cold_start_subscription:update github:install github_fork_demo:create github_repos:list github_user_repo:create
        kontra:login kontra:read org_alert_notification:read org_alert_notification:update
        org_inspect_configuration:create org_inspect_configuration:validate org_user_notification:create
        org_user_notification:delete org_user_notification:read org_user_notification:update seats:claim seats:delete
        seats:list seats:write subscriptions_trial:update team:read team:update""",
}
AREAS = {name: frozenset(text.split()) for name, text in AREA_TEXT.items()}
ALL = frozenset().union(*AREAS.values())

BY_TEAM = frozenset("""apps:list project:read teams:list teams:read scans:read findings:list findings:read
    findings:summary versions:list versions:read comments:list comments:read sca:read reports:read""".split())
EVERYONE = frozenset("org:read orgs:read roles:list subscriptions:read".split())

KIND_AREAS = {
    "ci": ("scans", "check_analysis"),
    "github": ("scans", "check_analysis", "remediation"),
    "jira": ("modify_findings", "jira_integration"),
    "access": ("scans", "check_analysis", "modify_findings", "remediation", "policies", "jira_integration"),
}
KINDS = {kind: frozenset().union(*(AREAS[a] for a in areas)) for kind, areas in KIND_AREAS.items()}
KINDS["service"] = frozenset(("tokens:create", "tokens:list"))

GUEST = frozenset("""org:read orgs:read roles:list subscriptions:read apps:list project:read scans:read findings:list
    findings:read findings:summary comments:list comments:read versions:list versions:read reports:read
    sca:read""".split())
MEMBER = GUEST | frozenset("""org_user:list org_runs:create org_runs:read scans:create scan_status:update uploads:write
    metrics:write check_analysis_configuration:list check_analysis_configuration:read policies:list policies:read
    findings:update finding_status:update finding_fixed:update finding_ignore:update finding_assign:update
    comments:create autofix:read jira_association:read jira_issue:read jira_issue:write azureboard_association:read
    azureboard_workitem:read azureboard_workitem:write""".split())
POWER_USER = MEMBER | frozenset("""apps:create project:create project:update project:archive project:delete
    project_branch:update app_group:update app_group:delete org_configuration:read teams:list teams:read policies:write
    check_analysis_configuration:write jira_association:write azureboard_association:write""".split())
POWER_USER_IN_TEAM = POWER_USER | frozenset("teams:update team_members:update team_apps:update".split())
SUPER_ADMIN = ALL - {"org:delete", "org_owner:update"}
OWNER = ALL
TEAM_DEFINED = frozenset("apps:list findings:list org:read reports:read roles:list subscriptions:read".split())
ORG_ROLES = {"GUEST": GUEST, "MEMBER": MEMBER, "POWER_USER": POWER_USER, "SUPER_ADMIN": SUPER_ADMIN,
    "TEAM_DEFINED": TEAM_DEFINED}
IN_TEAM = {"TEAM_GUEST": GUEST, "TEAM_MEMBER": MEMBER, "TEAM_MANAGER": POWER_USER_IN_TEAM,
    "TEAM_ADMIN": POWER_USER_IN_TEAM}
# Held through a team role these have no effect: the operations behind them are at org level.
ORG_LEVEL_PREFIXES = ("tokens:", "roles:", "org_")
