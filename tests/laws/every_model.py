"""Every class of `models` that learns: how it is made and fed, or which whole holds it as a part."""

from __future__ import annotations

from typing import Any

from models import (
    account_streams,
    history,
    horizon,
    ledger,
    quality,
    scope_days,
    scope_streams,
    standing,
    usual_week,
)
from models.alerts import AlertBook
from models.bank import StreamBank
from models.blend import Blend
from models.company_watch import CompanyWatch
from models.detectors import Cusum, CusumDetector, ShiryaevRoberts, ShiryaevRobertsDetector
from models.early_warning import DAYS, EarlyWarning, Residuals
from models.effects import KnownEffects
from models.event_watch import EventWatch
from models.factors import MarketFactors
from models.group_bands import GroupBands
from models.interval import Band
from models.monitor import Monitor
from models.one_at_a_time import AccountForecaster, HuberRegressor
from models.pace import WEEKLY
from models.potential import PotentialModel, WeekOrderError
from models.region_streams import RegionStreams
from models.rhythm import Rhythms
from models.rls import HuberRLS
from models.simple import SimpleForecasts
from models.verdicts import Verdicts
from models.warned import Bursts
from models.watch import Watch
from schemas.settings import Alerts
from tests.laws.feeds import many_streams, one_stream, whole_company
from tests.laws.feeds.case import Case

_DETECTOR = (one_stream.drift_detector, one_stream.drift_detector_missing)
_STREAMS = (one_stream.streams, one_stream.streams_missing)

MODELS: dict[type[Any], Case] = {
    HuberRegressor: Case(HuberRegressor, one_stream.regressor, one_stream.regressor_missing),
    AccountForecaster: Case(
        AccountForecaster, one_stream.forecaster, one_stream.forecaster_missing, passed_over=False, full=100, memory=360
    ),
    CusumDetector: Case(CusumDetector, *_DETECTOR),
    ShiryaevRobertsDetector: Case(ShiryaevRobertsDetector, *_DETECTOR),
    Cusum: Case(lambda: one_stream.Streams(Cusum(0.5)), *_STREAMS),
    ShiryaevRoberts: Case(lambda: one_stream.Streams(ShiryaevRoberts()), *_STREAMS),
    HuberRLS: Case(lambda: HuberRLS(3), one_stream.regression, one_stream.regression_missing, refused=ValueError),
    Blend: Case(one_stream.a_blend, one_stream.blend, one_stream.blend_missing),
    Band: Case(lambda: Band(0.8, 1.0), one_stream.band, one_stream.band_missing),
    GroupBands: Case(lambda: GroupBands(0.8, 4), one_stream.group_bands, one_stream.group_bands_missing),
    SimpleForecasts: Case(
        lambda: SimpleForecasts(one_stream.ROWS), one_stream.simple, one_stream.simple_missing, refused=ValueError
    ),
    KnownEffects: Case(lambda: KnownEffects(7), many_streams.effects, many_streams.effects_missing),
    MarketFactors: Case(
        lambda: MarketFactors(52, 26, 13), many_streams.factors, many_streams.factors_missing, passed_over=False
    ),
    Monitor: Case(lambda: Monitor(WEEKLY, 2.0), many_streams.monitor, many_streams.monitor_missing, passed_over=False),
    EarlyWarning: Case(
        lambda: EarlyWarning(DAYS, 7, 2.0), many_streams.warning, many_streams.warning_missing, passed_over=False,
        full=380, again=many_streams.warning_again,
    ),
    StreamBank: Case(
        lambda: StreamBank(ShiryaevRoberts(), 26.0, 0.05), many_streams.bank, many_streams.bank_missing,
        passed_over=False, full=120,
    ),
    RegionStreams: Case(
        lambda: RegionStreams(Alerts()), many_streams.region, many_streams.region_missing, passed_over=False, full=104
    ),
    Rhythms: Case(many_streams.some_rhythms, many_streams.rhythms, "it is told who ordered, and no figures"),
    Bursts: Case(lambda: Bursts(0.5), many_streams.bursts, "alerts come with all their figures"),
    CompanyWatch: Case(
        lambda: CompanyWatch(1, 0.2), whole_company.company, whole_company.company_missing, passed_over=False
    ),
    EventWatch: Case(whole_company.World, whole_company.events, whole_company.events_missing, passed_over=False, full=80, core=lambda world: world.events),
    AlertBook: Case(
        lambda: AlertBook(whole_company.ALERTS, "north"), whole_company.alerts, whole_company.alerts_missing,
        full=66, again=whole_company.alerts_again,
    ),
    Watch: Case(
        lambda: Watch(whole_company.ALERTS), whole_company.watch, whole_company.watch_missing, passed_over=False,
        full=120, again=whole_company.watch_again,
    ),
    Verdicts: Case(Verdicts, whole_company.verdicts, "verdicts are words"),
    PotentialModel: Case(
        whole_company.a_potential, whole_company.potential, whole_company.potential_missing, refused=WeekOrderError,
        full=80, memory=280, again=whole_company.potential_again,
    ),
}  # fmt: skip

PARTS: dict[type[Any], type[Any]] = {
    horizon.HorizonModel: PotentialModel,
    history.WeeklyHistory: PotentialModel,
    ledger.ForecastLedger: PotentialModel,
    quality.QualityBook: PotentialModel,
    Residuals: EarlyWarning,
    account_streams.AccountStreams: CompanyWatch,
    scope_streams.ScopeStreams: CompanyWatch,
    scope_days.ScopeDays: CompanyWatch,
    usual_week.UsualWeeks: CompanyWatch,
    standing.Standings: Watch,
}
"""Parts that nobody feeds alone: what the laws say of the whole they say of these."""
