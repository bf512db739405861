"""The fields of accounts (customers, suppliers) and their bank accounts."""

ACCOUNTS = """
    ID:g+ Accountant:g+ AccountManager:g+ AccountManagerFullName:s AccountManagerHID:i ActivitySector:g+
    ActivitySubSector:g+ AddressLine1:s+ AddressLine2:s+ AddressLine3:s+ AddressSource:y
    AutomaticProcessProposedEntry:y+ BankAccounts:c Blocked:b+ BRIN:g BSN:s+ BusinessType:g+ CanDropShip:b+
    ChamberOfCommerce:s+ City:s+ Classification:s Classification1:g+ Classification2:g+ Classification3:g+
    Classification4:g+ Classification5:g+ Classification6:g+ Classification7:g+ Classification8:g+
    ClassificationDescription:s Code:s+ CodeAtSupplier:s+ CompanySize:g+ ConsolidationScenario:y+
    ControlledDate:t+ Costcenter:s CostcenterDescription:s CostPaid:y Country:s+ CountryName:s Created:t
    Creator:g CreatorFullName:s CreditLinePurchase:d+ CreditLineSales:d+ Currency:s CustomerSince:t
    CustomField:s DatevCreditorCode:s+ DatevDebtorCode:s+ DeliveryAdvice:y+ DiscountPurchase:d+
    DiscountSales:d+ Division:i Document:g DunsNumber:s Email:s+ EnableSalesPaymentLink:b+ EndDate:t+
    EORINumber:s+ EstablishedDate:t+ Fax:s+ GLAccountPurchase:g+ GLAccountSales:g+ GLAP:g+ GLAR:g+
    GlnNumber:s+ HasWithholdingTaxSales:b+ IgnoreDatevWarningMessage:b+ IncotermAddressPurchase:s+
    IncotermAddressSales:s+ IncotermCodePurchase:s+ IncotermCodeSales:s+ IncotermVersionPurchase:h+
    IncotermVersionSales:h+ IntraStatArea:s+ IntraStatDeliveryTerm:s+ IntraStatSystem:s+
    IntraStatTransactionA:s+ IntraStatTransactionB:s+ IntraStatTransportMethod:s+ InvoiceAccount:g+
    InvoiceAccountCode:s InvoiceAccountName:s InvoiceAttachmentType:i+ InvoicingMethod:i+ IsAccountant:y+
    IsAgency:y+ IsAnonymised:y IsBank:b IsCompetitor:y+ IsExtraDuty:b+ IsMailing:y+ IsMember:b IsPilot:b+
    IsPurchase:b IsReseller:b+ IsSales:b IsSupplier:b+ Language:s+ LanguageDescription:s Latitude:d+
    LeadPurpose:g+ LeadSource:g+ Logo:x+ LogoFileName:s+ LogoThumbnailUrl:s LogoUrl:s Longitude:d+
    MainContact:g+ Modified:t Modifier:g ModifierFullName:s Name:s+! OINNumber:s+ Parent:g+ PayAsYouEarn:s+
    PaymentConditionPurchase:s+ PaymentConditionPurchaseDescription:s PaymentConditionSales:s+
    PaymentConditionSalesDescription:s PeppolIdentifier:s+ PeppolIdentifierType:i+ Phone:s+
    PhoneExtension:s+ Postcode:s+ PriceList:g+ PurchaseCurrency:s+ PurchaseCurrencyDescription:s
    PurchaseLeadDays:i+ PurchaseVATCode:s+ PurchaseVATCodeDescription:s RecepientOfCommissions:b+ Remarks:s+
    Reseller:g+ ResellerCode:s ResellerName:s RSIN:s+ SalesCurrency:s+ SalesCurrencyDescription:s
    SalesTaxSchedule:g+ SalesTaxScheduleCode:s SalesTaxScheduleDescription:s SalesVATCode:s+
    SalesVATCodeDescription:s SearchCode:s+ SecurityLevel:i+ SeparateInvPerProject:y+
    SeparateInvPerSubscription:y+ ShippingLeadDays:i+ ShippingMethod:g+ ShowRemarkForSales:b+ Source:y
    StartDate:t+ State:s+ StateName:s Status:s+ StatusSince:t TradeName:s+ Type:s UniqueTaxpayerReference:s+
    VATLiability:s+ VATNumber:s+ Website:s+
"""

BANK_ACCOUNTS = """
    ID:g+ Account:g+! AccountName:s Bank:g BankAccount:s+! BankAccountHolderName:s+ BankDescription:s
    BankName:s BICCode:s+ Blocked:b+ Created:t Creator:g CreatorFullName:s Description:s+ Division:i
    Format:s IBAN:s Main:b+ Modified:t Modifier:g ModifierFullName:s PaymentServiceAccount:g Type:s
    TypeDescription:s
"""
