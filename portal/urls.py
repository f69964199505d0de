from django.urls import URLPattern, path

from portal.views import (
    comparing,
    connecting,
    deputies,
    entering,
    home,
    links,
    logos,
    mails,
    many,
    proofs,
    sections,
    settings,
    signed,
    strategies,
    strategy_reports,
    writing,
)

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("logo/<str:token>", logos.logo, name="logo"),
    path("approve/", many.approve, name="approve_many"),
    path("posts/<int:post_id>/", signed.agreed_post, name="post"),
    path("reviews/<int:review_id>/", signed.signed_review, name="signed_review"),
    path("reviews/<int:review_id>/evidence.pdf", proofs.signed_proof, {"form": "pdf"}, name="signed_pdf"),
    path("reviews/<int:review_id>/evidence.json", proofs.signed_proof, {"form": "json"}, name="signed_json"),
    path("reviews/<int:review_id>/differences/", comparing.signed_differences, name="differences"),
    path("strategies/", strategies.strategies, name="strategies"),
    path("strategies/<int:strategy_id>/", strategies.strategy, name="strategy"),
    path("strategies/<int:strategy_id>/suggestions/", sections.own_suggestions, name="own_suggestions"),
    path("strategies/<int:strategy_id>/differences/", strategies.differences, name="strategy_differences"),
    path("strategies/<int:strategy_id>/versions/", strategies.history, name="strategy_history"),
    path("strategies/<int:strategy_id>/versions/<int:number>/", strategies.version, name="strategy_version"),
    *(
        path(
            f"strategies/<int:strategy_id>/{below}document.{form}",
            strategies.document,
            {"form": form},
            name=f"{of}_{form}",
        )
        for below, of in [("", "strategy"), ("versions/<int:number>/", "version")]
        for form in ["pdf", "docx", "zip"]
    ),
    path("sections/<int:section_id>/", sections.section, name="section"),
    path("sections/<int:section_id>/write/", writing.write, name="write_section"),
    path("sections/<int:section_id>/beside/<int:number>/", writing.beside, name="beside"),
    path("r/", links.cut, name="cut_link"),
    path("r/<str:secret>/", links.review_by_link, name="review"),
    path("r/<str:secret>/evidence.pdf", proofs.proof_by_link, {"form": "pdf"}, name="linked_pdf"),
    path("r/<str:secret>/evidence.json", proofs.proof_by_link, {"form": "json"}, name="linked_json"),
    path("r/<str:secret>/differences/", comparing.differences_by_link, name="linked_differences"),
    path("r/<path:rest>", links.mended, name="mended_link"),
    path("c/", links.cut, name="cut_connect"),
    path("c/<str:secret>/", connecting.connect_by_link, name="connect"),
    path("connect/back/<slug:network>/", connecting.back, name="connect_back"),
    path("connect/back/<slug:network>/<slug:place>/", connecting.back, name="connect_back"),
    path("connect/<int:sign_in_id>/", connecting.sign_in, name="sign_in"),
    path("strategies/<int:strategy_id>/report/", strategy_reports.strategy_report, name="strategy_report"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/new/<int:client_id>/", deputies.new, name="new_deputy"),
    path("deputies/<int:deputy_id>/end/", deputies.end, name="end_deputy"),
    path("settings/", settings.settings, name="settings"),
    path("mail/off/<str:token>/", mails.mails_off, name="mails_off"),
    path("in/<str:secret>/", entering.enter, name="login_link"),
]
