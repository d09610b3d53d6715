//! The errors that the simulator can answer with: Toss's codes with their HTTP statuses, and words
//! in both languages. Kept apart from the marketplace's own table on purpose: the two were written
//! from the documentation separately, and a test lays one against the other.

use domain::Language;

/// An error of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TossError {
    /// The code in the body.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    english: &'static str,
    korean: &'static str,
}

impl TossError {
    /// The words for people.
    #[must_use]
    pub const fn message(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Korean => self.korean,
        }
    }
}

const fn error(status: u16, code: &'static str, english: &'static str, korean: &'static str) -> TossError {
    TossError { code, status, english, korean }
}

/// The documented errors of `POST /v1/payments/confirm`.
pub const CONFIRM_ERRORS: &[TossError] = &[
    ALREADY_PROCESSED_PAYMENT,
    PROVIDER_ERROR,
    error(
        400,
        "EXCEED_MAX_CARD_INSTALLMENT_PLAN",
        "The number of instalment months is too high.",
        "설정 가능한 최대 할부 개월 수를 초과했습니다.",
    ),
    INVALID_REQUEST,
    error(400, "NOT_ALLOWED_POINT_USE", "Card points cannot be used here.", "포인트 사용이 불가한 카드입니다."),
    error(400, "INVALID_API_KEY", "The secret key is wrong.", "잘못된 시크릿키 연동 정보 입니다."),
    error(
        400,
        "INVALID_REJECT_CARD",
        "The card was refused. Please ask your card company.",
        "카드 사용이 거절되었습니다. 카드사 문의가 필요합니다.",
    ),
    BELOW_MINIMUM_AMOUNT,
    INVALID_CARD_EXPIRATION,
    error(400, "INVALID_STOPPED_CARD", "The card is suspended.", "정지된 카드 입니다."),
    error(
        400,
        "EXCEED_MAX_DAILY_PAYMENT_COUNT",
        "The daily number of payments is exceeded.",
        "하루 결제 가능 횟수를 초과했습니다.",
    ),
    error(
        400,
        "NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT",
        "The card or the shop does not offer instalments.",
        "할부가 지원되지 않는 카드 또는 가맹점 입니다.",
    ),
    error(400, "INVALID_CARD_INSTALLMENT_PLAN", "The instalment plan is wrong.", "할부 개월 정보가 잘못되었습니다."),
    error(
        400,
        "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN",
        "The card does not offer instalments.",
        "할부가 지원되지 않는 카드입니다.",
    ),
    error(400, "EXCEED_MAX_PAYMENT_AMOUNT", "The daily amount is exceeded.", "하루 결제 가능 금액을 초과했습니다."),
    error(400, "NOT_FOUND_TERMINAL_ID", "There is no terminal id.", "단말기번호(Terminal Id)가 없습니다."),
    error(400, "INVALID_AUTHORIZE_AUTH", "The way of authentication is not valid.", "유효하지 않은 인증 방식입니다."),
    error(400, "INVALID_CARD_LOST_OR_STOLEN", "The card is lost or stolen.", "분실 혹은 도난 카드입니다."),
    error(
        400,
        "RESTRICTED_TRANSFER_ACCOUNT",
        "An account can pay 12 hours after it was registered.",
        "계좌는 등록 후 12시간 뒤부터 결제할 수 있습니다.",
    ),
    error(400, "INVALID_CARD_NUMBER", "Please check the card number.", "카드번호를 다시 확인해주세요."),
    error(400, "INVALID_UNREGISTERED_SUBMALL", "The sub-mall is not registered.", "등록되지 않은 서브몰입니다."),
    error(400, "NOT_REGISTERED_BUSINESS", "The business is not registered.", "등록되지 않은 사업자 번호입니다."),
    error(
        400,
        "EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT",
        "The daily withdrawal limit is exceeded.",
        "1일 출금 한도를 초과했습니다.",
    ),
    error(
        400,
        "EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT",
        "The limit of one withdrawal is exceeded.",
        "1회 출금 한도를 초과했습니다.",
    ),
    error(400, "CARD_PROCESSING_ERROR", "The card company had an error.", "카드사에서 오류가 발생했습니다."),
    error(400, "EXCEED_MAX_AMOUNT", "The amount is above the limit.", "거래금액 한도를 초과했습니다."),
    error(
        400,
        "INVALID_ACCOUNT_INFO_RE_REGISTER",
        "The account is not valid. Please register it again.",
        "유효하지 않은 계좌입니다. 계좌 재등록 후 시도해주세요.",
    ),
    error(400, "NOT_AVAILABLE_PAYMENT", "Paying is not possible at this time of day.", "결제가 불가능한 시간대입니다"),
    UNAPPROVED_ORDER_ID,
    error(
        400,
        "EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT",
        "The monthly limit of 1,000,000 won is exceeded.",
        "당월 결제 가능금액인 1,000,000원을 초과 하셨습니다.",
    ),
    INVALID_IDEMPOTENCY_KEY,
    UNAUTHORIZED_KEY,
    REJECT_ACCOUNT_PAYMENT,
    REJECT_CARD_PAYMENT,
    error(403, "REJECT_CARD_COMPANY", "The payment was refused.", "결제 승인이 거절되었습니다."),
    FORBIDDEN_REQUEST,
    error(
        403,
        "REJECT_TOSSPAY_INVALID_ACCOUNT",
        "The chosen account is not registered for withdrawals.",
        "선택하신 출금 계좌가 출금이체 등록이 되어 있지 않아요.",
    ),
    error(403, "EXCEED_MAX_AUTH_COUNT", "Too many tries to authenticate.", "최대 인증 횟수를 초과했습니다."),
    error(403, "EXCEED_MAX_ONE_DAY_AMOUNT", "The daily limit is exceeded.", "일일 한도를 초과했습니다."),
    NOT_AVAILABLE_BANK,
    error(403, "INVALID_PASSWORD", "The payment password is wrong.", "결제 비밀번호가 일치하지 않습니다."),
    INCORRECT_BASIC_AUTH_FORMAT,
    FDS_ERROR,
    NOT_FOUND_PAYMENT,
    NOT_FOUND_PAYMENT_SESSION,
    IDEMPOTENT_REQUEST_PROCESSING,
    FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING,
    FAILED_INTERNAL_SYSTEM_PROCESSING,
    error(500, "UNKNOWN_PAYMENT_ERROR", "The payment failed.", "결제에 실패했어요."),
];

/// The documented errors of `POST /v1/payments/{paymentKey}/cancel`.
pub const CANCEL_ERRORS: &[TossError] = &[
    ALREADY_CANCELED_PAYMENT,
    error(
        400,
        "INVALID_REFUND_ACCOUNT_INFO",
        "The account and its holder do not match.",
        "환불 계좌번호와 예금주명이 일치하지 않습니다.",
    ),
    error(
        400,
        "EXCEED_CANCEL_AMOUNT_DISCOUNT_AMOUNT",
        "Less than the immediate discount cannot be cancelled.",
        "즉시할인금액보다 적은 금액은 부분취소가 불가능합니다.",
    ),
    INVALID_REQUEST,
    error(400, "INVALID_REFUND_ACCOUNT_NUMBER", "The account number is wrong.", "잘못된 환불 계좌번호입니다."),
    error(400, "INVALID_BANK", "The bank is not valid.", "유효하지 않은 은행입니다."),
    NOT_MATCHES_REFUNDABLE_AMOUNT,
    PROVIDER_ERROR,
    error(400, "REFUND_REJECTED", "The refund was refused.", "환불이 거절됐습니다. 결제사에 문의 부탁드립니다."),
    error(400, "ALREADY_REFUND_PAYMENT", "The payment was refunded already.", "이미 환불된 결제입니다."),
    error(
        400,
        "FORBIDDEN_BANK_REFUND_REQUEST",
        "The account takes no deposits.",
        "고객 계좌가 입금이 되지 않는 상태입니다.",
    ),
    INVALID_REFUND_AMOUNT,
    INVALID_IDEMPOTENCY_KEY,
    UNAUTHORIZED_KEY,
    NOT_CANCELABLE_AMOUNT,
    NOT_CANCELABLE_PAYMENT,
    error(403, "FORBIDDEN_CONSECUTIVE_REQUEST", "Repeated requests are refused.", "반복적인 요청은 허용되지 않습니다."),
    FORBIDDEN_REQUEST,
    error(403, "EXCEED_MAX_REFUND_DUE", "The time to refund has passed.", "환불 가능한 기간이 지났습니다."),
    error(
        403,
        "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT",
        "A payment that waits for its deposit cannot be refunded in part.",
        "입금 대기중인 결제는 부분 환불이 불가합니다.",
    ),
    error(403, "NOT_ALLOWED_PARTIAL_REFUND", "A refund in part is not possible.", "부분 환불이 불가합니다."),
    NOT_AVAILABLE_BANK,
    INCORRECT_BASIC_AUTH_FORMAT,
    error(
        403,
        "NOT_CANCELABLE_PAYMENT_FOR_DORMANT_USER",
        "Payments of dormant members cannot be cancelled.",
        "휴면 처리된 회원의 결제는 취소할 수 없습니다.",
    ),
    error(403, "EXCEED_CANCEL_LIMIT", "The limit of cancellations is exceeded.", "취소 한도 금액을 초과 하였습니다."),
    NOT_FOUND_PAYMENT,
    IDEMPOTENT_REQUEST_PROCESSING,
    FAILED_INTERNAL_SYSTEM_PROCESSING,
    error(
        500,
        "FAILED_REFUND_PROCESS",
        "The refund failed at the bank.",
        "은행 응답시간 지연으로 환불요청에 실패했습니다.",
    ),
    error(
        500,
        "FAILED_METHOD_HANDLING_CANCEL",
        "The way of paying had a passing error while cancelling.",
        "취소 중 결제 수단 처리과정에서 일시적인 오류가 발생했습니다.",
    ),
    error(500, "FAILED_PARTIAL_REFUND", "The refund in part failed.", "부분 환불이 실패했습니다."),
    error(500, "COMMON_ERROR", "A passing error.", "일시적인 오류가 발생했습니다. 잠시 후 다시 시도해주세요."),
    FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING,
];

/// The documented errors of `GET /v1/payments/…`.
pub const QUERY_ERRORS: &[TossError] = &[
    error(
        400,
        "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN_BELOW_AMOUNT",
        "Instalments start at 50,000 won.",
        "5만원 이하의 결제는 할부가 불가능해서 결제에 실패했습니다.",
    ),
    UNAUTHORIZED_KEY,
    error(403, "FORBIDDEN_CONSECUTIVE_REQUEST", "Repeated requests are refused.", "반복적인 요청은 허용되지 않습니다."),
    INCORRECT_BASIC_AUTH_FORMAT,
    error(404, "NOT_FOUND", "There is no such thing.", "존재하지 않는 정보 입니다."),
    NOT_FOUND_PAYMENT,
    FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING,
];

pub(super) const ALREADY_PROCESSED_PAYMENT: TossError =
    error(400, "ALREADY_PROCESSED_PAYMENT", "The payment was processed already.", "이미 처리된 결제 입니다.");
pub(super) const PROVIDER_ERROR: TossError = error(
    400,
    "PROVIDER_ERROR",
    "A passing error. Please try again in a moment.",
    "일시적인 오류가 발생했습니다. 잠시 후 다시 시도해주세요.",
);
pub(super) const INVALID_REQUEST: TossError =
    error(400, "INVALID_REQUEST", "The request is wrong.", "잘못된 요청입니다.");
pub(super) const BELOW_MINIMUM_AMOUNT: TossError = error(
    400,
    "BELOW_MINIMUM_AMOUNT",
    "Cards start at 100 won, accounts at 200 won.",
    "신용카드는 결제금액이 100원 이상, 계좌는 200원이상부터 결제가 가능합니다.",
);
pub(super) const INVALID_CARD_EXPIRATION: TossError = error(
    400,
    "INVALID_CARD_EXPIRATION",
    "Please check the expiry date of the card.",
    "카드 정보를 다시 확인해주세요. (유효기간)",
);
pub(super) const UNAPPROVED_ORDER_ID: TossError =
    error(400, "UNAPPROVED_ORDER_ID", "The order is not authenticated yet.", "아직 승인되지 않은 주문번호입니다.");
pub(super) const INVALID_IDEMPOTENCY_KEY: TossError = error(
    400,
    "INVALID_IDEMPOTENCY_KEY",
    "The idempotency key has more than 300 characters.",
    "멱등키는 300자 이하여야 합니다.",
);
pub(super) const IDEMPOTENT_REQUEST_PROCESSING: TossError = error(
    409,
    "IDEMPOTENT_REQUEST_PROCESSING",
    "The first request with this key still runs.",
    "이전 멱등 요청이 처리중입니다.",
);
pub(super) const UNAUTHORIZED_KEY: TossError = error(
    401,
    "UNAUTHORIZED_KEY",
    "The key is not authorized, or no merchant has it.",
    "인증되지 않은 시크릿 키 혹은 클라이언트 키 입니다.",
);
pub(super) const INCORRECT_BASIC_AUTH_FORMAT: TossError = error(
    403,
    "INCORRECT_BASIC_AUTH_FORMAT",
    "Please include the ':' when you encode the key.",
    "잘못된 요청입니다. ':' 를 포함해 인코딩해주세요.",
);
pub(super) const REJECT_CARD_PAYMENT: TossError = error(
    403,
    "REJECT_CARD_PAYMENT",
    "The limit is exceeded or the balance is too small.",
    "한도초과 혹은 잔액부족으로 결제에 실패했습니다.",
);
const REJECT_ACCOUNT_PAYMENT: TossError =
    error(403, "REJECT_ACCOUNT_PAYMENT", "The balance is too small.", "잔액부족으로 결제에 실패했습니다.");
pub(super) const FORBIDDEN_REQUEST: TossError =
    error(403, "FORBIDDEN_REQUEST", "The request is not allowed.", "허용되지 않은 요청입니다.");
const NOT_AVAILABLE_BANK: TossError =
    error(403, "NOT_AVAILABLE_BANK", "The bank is closed at this hour.", "은행 서비스 시간이 아닙니다.");
pub(super) const FDS_ERROR: TossError = error(
    403,
    "FDS_ERROR",
    "The payment was refused because a risk was seen.",
    "[토스페이먼츠] 위험거래가 감지되어 결제가 제한됩니다.",
);
pub(super) const NOT_FOUND: TossError =
    error(404, "NOT_FOUND", "There is no such thing.", "존재하지 않는 정보 입니다.");
pub(super) const NOT_FOUND_PAYMENT: TossError =
    error(404, "NOT_FOUND_PAYMENT", "There is no such payment.", "존재하지 않는 결제 정보 입니다.");
pub(super) const NOT_FOUND_PAYMENT_SESSION: TossError = error(
    404,
    "NOT_FOUND_PAYMENT_SESSION",
    "The time of the payment has passed.",
    "결제 시간이 만료되어 결제 진행 데이터가 존재하지 않습니다.",
);
const FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING: TossError = error(
    500,
    "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING",
    "The payment was not completed. Please try again.",
    "결제가 완료되지 않았어요. 다시 시도해주세요.",
);
pub(super) const FAILED_INTERNAL_SYSTEM_PROCESSING: TossError = error(
    500,
    "FAILED_INTERNAL_SYSTEM_PROCESSING",
    "An internal operation failed. Please try again in a moment.",
    "내부 시스템 처리 작업이 실패했습니다. 잠시 후 다시 시도해주세요.",
);
pub(super) const ALREADY_CANCELED_PAYMENT: TossError =
    error(400, "ALREADY_CANCELED_PAYMENT", "The payment was cancelled already.", "이미 취소된 결제 입니다.");
pub(super) const NOT_MATCHES_REFUNDABLE_AMOUNT: TossError =
    error(400, "NOT_MATCHES_REFUNDABLE_AMOUNT", "The balance is not the given one.", "잔액 결과가 일치하지 않습니다.");
pub(super) const NOT_CANCELABLE_AMOUNT: TossError =
    error(403, "NOT_CANCELABLE_AMOUNT", "The amount cannot be cancelled.", "취소 할 수 없는 금액 입니다.");
pub(super) const NOT_CANCELABLE_PAYMENT: TossError =
    error(403, "NOT_CANCELABLE_PAYMENT", "The payment cannot be cancelled.", "취소 할 수 없는 결제 입니다.");
const INVALID_REFUND_AMOUNT: TossError =
    error(400, "INVALID_REFUND_AMOUNT", "The amount to refund is wrong.", "잘못된 환불 금액입니다.");
/// Answered by the payment window, for an order that is paid.
pub(super) const DUPLICATED_ORDER_ID: TossError = error(
    400,
    "DUPLICATED_ORDER_ID",
    "The order is paid already.",
    "이미 승인 및 취소가 진행된 중복된 주문번호 입니다.",
);
/// Answered by the payment window, when the buyer closes it.
pub(super) const PAY_PROCESS_CANCELED: TossError =
    error(400, "PAY_PROCESS_CANCELED", "The buyer cancelled the payment.", "사용자에 의해 결제가 취소되었습니다.");

/// The error of that code for an operation (`confirm`, `cancel`, `fetch`).
#[must_use]
pub fn documented(operation: &str, code: &str) -> Option<TossError> {
    let table = match operation {
        "confirm" => CONFIRM_ERRORS,
        "cancel" => CANCEL_ERRORS,
        _ => QUERY_ERRORS,
    };
    table.iter().find(|error| error.code == code).copied()
}
