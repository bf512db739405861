"""The fields of sales entries, postings and bank entries."""

SALES_ENTRIES = """
    EntryID:g+ AmountDC:d AmountFC:d BatchNumber:i+ Created:t Creator:g CreatorFullName:s Currency:s+
    Customer:g+! CustomerName:s CustomField:s Description:s+ Division:i Document:g+ DocumentNumber:i
    DocumentSubject:s DueDate:t+ EntryDate:t+ EntryNumber:i+ ExternalLinkDescription:s
    ExternalLinkReference:s+ GAccountAmountFC:d+ InvoiceNumber:i+ IsExtraDuty:b+ Journal:s+!
    JournalDescription:s Modified:t Modifier:g ModifierFullName:s OrderNumber:i+ PaymentCondition:s+
    PaymentConditionDescription:s PaymentConditionPaymentMethod:s PaymentReference:s+ ProcessNumber:i+
    Rate:d+ ReportingPeriod:h+ ReportingYear:h+ Reversal:b+ SalesEntryLines:c+! Status:h StatusDescription:s
    Type:i TypeDescription:s VATAmountDC:d VATAmountFC:d+ WithholdingTaxAmountDC:d+
    WithholdingTaxBaseAmount:d+ WithholdingTaxPercentage:d+ YourRef:s+
"""

SALES_ENTRY_LINES = """
    ID:g+ AmountDC:d AmountFC:d+! Asset:g+ AssetDescription:s CostCenter:s+ CostCenterDescription:s
    CostUnit:s+ CostUnitDescription:s CustomField:s Description:s+ Division:i EntryID:g+!
    ExtraDutyAmountFC:d+ ExtraDutyPercentage:d+ From:t+ GLAccount:g+! GLAccountCode:s GLAccountDescription:s
    IntraStatArea:s+ IntraStatCountry:s+ IntraStatDeliveryTerm:s+ IntraStatTransactionA:s+
    IntraStatTransactionB:s+ IntraStatTransportMethod:s+ LineNumber:i Notes:s+ Project:g+
    ProjectDescription:s ProjectWBS:g+ ProjectWBSDescription:s Quantity:d+ SerialNumber:s+
    StatisticalNetWeight:d+ StatisticalNumber:s+ StatisticalQuantity:d+ StatisticalValue:d+ Subscription:g+
    SubscriptionDescription:s TaxSchedule:g+ To:t+ TrackingNumber:g+ TrackingNumberDescription:s Type:i
    VATAmountDC:d VATAmountFC:d+ VATBaseAmountDC:d+ VATBaseAmountFC:d+ VATCode:s+ VATCodeDescription:s
    VATPercentage:d+
"""

TRANSACTION_LINES = """
    ID:g Account:g AccountCode:s AccountName:s AmountDC:d AmountFC:d AmountVATBaseFC:d AmountVATFC:d Asset:g
    AssetCode:s AssetDescription:s CostCenter:s CostCenterDescription:s CostUnit:s CostUnitDescription:s
    Created:t Creator:g CreatorFullName:s Currency:s CustomField:s Date:t Description:s Division:i
    Document:g DocumentNumber:i DocumentSubject:s DueDate:t EntryID:g EntryNumber:i ExchangeRate:d
    ExternalLinkDescription:s ExternalLinkReference:s ExtraDutyAmountFC:d ExtraDutyPercentage:d
    FinancialPeriod:h FinancialYear:h GLAccount:g GLAccountCode:s GLAccountDescription:s InvoiceNumber:i
    Item:g ItemCode:s ItemDescription:s JournalCode:s JournalDescription:s LineNumber:i LineType:h
    Modified:t Modifier:g ModifierFullName:s Notes:s OffsetID:g OrderNumber:i PaymentDiscountAmount:d
    PaymentReference:s Project:g ProjectCode:s ProjectDescription:s ProjectWBS:g ProjectWBSDescription:s
    Quantity:d SerialNumber:s ShopOrder:g Status:h Subscription:g SubscriptionDescription:s TrackingNumber:s
    TrackingNumberDescription:s Type:i VATCode:s VATCodeDescription:s VATPercentage:d VATType:s YourRef:s
"""

BANK_ENTRIES = """
    EntryID:g+ BankEntryLines:c+! BankStatementDocument:g+ BankStatementDocumentNumber:i
    BankStatementDocumentSubject:s ClosingBalanceFC:d+ Created:t Currency:s+ CustomField:s Division:i
    EntryNumber:i+ FinancialPeriod:h+ FinancialYear:h+ JournalCode:s+! JournalDescription:s Modified:t
    OpeningBalanceFC:d+ Status:h StatusDescription:s
"""

BANK_ENTRY_LINES = """
    ID:g Account:g+ AccountCode:s AccountName:s AmountDC:d AmountFC:d+! AmountVATFC:d+ Asset:g+ AssetCode:s
    AssetDescription:s CostCenter:s+ CostCenterDescription:s CostUnit:s+ CostUnitDescription:s Created:t
    Creator:g CreatorFullName:s CustomField:s Date:t+ Description:s+ Division:i Document:g+ DocumentNumber:i
    DocumentSubject:s EntryID:g+! EntryNumber:i ExchangeRate:d+ GLAccount:g+! GLAccountCode:s
    GLAccountDescription:s LineNumber:i Modified:t Modifier:g ModifierFullName:s Notes:s+ OffsetID:g
    OurRef:i+ Project:g+ ProjectCode:s ProjectDescription:s ProjectWBS:g+ ProjectWBSDescription:s
    Quantity:d+ VATCode:s+ VATCodeDescription:s VATPercentage:d+ VATType:s+
"""

CASH_ENTRIES = """
    EntryID:g+ CashEntryLines:c+! ClosingBalanceFC:d+ Created:t Currency:s+ CustomField:s Division:i
    EntryNumber:i+ FinancialPeriod:h+ FinancialYear:h+ JournalCode:s+! JournalDescription:s Modified:t
    OpeningBalanceFC:d+ Status:h StatusDescription:s
"""

CASH_ENTRY_LINES = """
    ID:g Account:g+ AccountCode:s AccountName:s AmountDC:d AmountFC:d+! AmountVATFC:d+ Asset:g+
    AssetCode:s AssetDescription:s CostCenter:s+ CostCenterDescription:s CostUnit:s+ CostUnitDescription:s
    Created:t Creator:g CreatorFullName:s CustomField:s Date:t+ Description:s+ Division:i Document:g+
    DocumentNumber:i DocumentSubject:s EntryID:g+! EntryNumber:i ExchangeRate:d+ GLAccount:g+!
    GLAccountCode:s GLAccountDescription:s LineNumber:i Modified:t Modifier:g ModifierFullName:s Notes:s+
    OffsetID:g OurRef:i+ Project:g+ ProjectCode:s ProjectDescription:s ProjectWBS:g+
    ProjectWBSDescription:s Quantity:d+ VATCode:s+ VATCodeDescription:s VATPercentage:d+ VATType:s+
"""
