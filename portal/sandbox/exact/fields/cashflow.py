"""The fields of receivable terms and payment conditions."""

RECEIVABLES = """
    ID:g+ Account:g AccountBankAccountID:g AccountBankAccountNumber:s AccountCode:s AccountContact:g
    AccountContactName:s AccountCountry:s AccountName:s AmountDC:d AmountDiscountDC:d AmountDiscountFC:d
    AmountFC:d BankAccountID:g BankAccountNumber:s CashflowTransactionBatchCode:s Created:t Creator:g
    CreatorFullName:s Currency:s Description:s+ DirectDebitMandate:g DirectDebitMandateDescription:s
    DirectDebitMandatePaymentType:h DirectDebitMandateReference:s DirectDebitMandateType:h DiscountDueDate:t
    Division:i Document:g DocumentNumber:i DocumentSubject:s DueDate:t EndDate:t EndPeriod:h EndToEndID:s
    EndYear:h EntryDate:t EntryID:g EntryNumber:i GLAccount:g GLAccountCode:s GLAccountDescription:s
    InvoiceDate:t InvoiceNumber:i IsBatchBooking:y IsFullyPaid:b Journal:s JournalDescription:s
    LastPaymentDate:t Modified:t Modifier:g ModifierFullName:s OrderNumber:i PaymentCondition:s
    PaymentConditionDescription:s PaymentDays:i PaymentDaysDiscount:i PaymentDiscountPercentage:d
    PaymentInformationID:s PaymentMethod:s+ PaymentReference:s+ RateFC:d ReceivableBatchNumber:i
    ReceivableSelected:t ReceivableSelector:g ReceivableSelectorFullName:s Source:i Status:h
    TransactionAmountDC:d TransactionAmountFC:d TransactionDueDate:t TransactionEntryID:g TransactionID:g
    TransactionIsReversal:b TransactionReportingPeriod:h TransactionReportingYear:h TransactionStatus:h
    TransactionType:i YourRef:s
"""

PAYMENT_CONDITIONS = """
    ID:g+ Code:s+! Created:t Creator:g CreatorFullName:s CreditManagementScenario:g+
    CreditManagementScenarioCode:s CreditManagementScenarioDescription:s Description:s+!
    DiscountCalculation:s+ DiscountPaymentDays:i+ DiscountPercentage:d+ Division:i Modified:t Modifier:g
    ModifierFullName:s PaymentDays:i+ PaymentDiscountType:s+ PaymentEndOfMonths:i+ PaymentMethod:s+
    Percentage:d+ VATCalculation:s+
"""

RECEIVABLES_LIST = """
    HID:l AccountCode:s AccountId:g AccountName:s Amount:d AmountInTransit:d CurrencyCode:s Description:s
    DueDate:t EntryNumber:i Id:g InvoiceDate:t InvoiceNumber:i JournalCode:s JournalDescription:s Notes:c
    YourRef:s
"""

RECEIVABLES_BY_ACCOUNT = """
    HID:l AccountCode:s AccountId:g AccountName:s Amount:d AmountInTransit:d CurrencyCode:s Description:s
    DueDate:t EntryNumber:i Id:g InvoiceDate:t InvoiceNumber:i JournalCode:s JournalDescription:s
    YourRef:s
"""

OUTSTANDING_INVOICES = """
    CurrencyCode:s OutstandingPayableInvoiceAmount:d OutstandingPayableInvoiceCount:d
    OutstandingReceivableInvoiceAmount:d OutstandingReceivableInvoiceCount:d OverduePayableInvoiceAmount:d
    OverduePayableInvoiceCount:d OverdueReceivableInvoiceAmount:d OverdueReceivableInvoiceCount:d
"""

AGING_RECEIVABLES = """
    AccountId:g AccountCode:s AccountName:s AgeGroup1:i AgeGroup1Amount:d AgeGroup1Description:s
    AgeGroup2:i AgeGroup2Amount:d AgeGroup2Description:s AgeGroup3:i AgeGroup3Amount:d
    AgeGroup3Description:s AgeGroup4:i AgeGroup4Amount:d AgeGroup4Description:s CurrencyCode:s
    TotalAmount:d
"""
