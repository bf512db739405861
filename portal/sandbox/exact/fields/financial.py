"""The fields of journals, ledgers, VAT codes, periods, currencies and costs."""

JOURNALS = """
    ID:g+ AllowVariableCurrency:b+ AllowVariableExchangeRate:b+ AllowVAT:b+ AutoSave:b+ Bank:g+
    BankAccountBICCode:s BankAccountCountry:s BankAccountDescription:s BankAccountIBAN:s BankAccountID:g+
    BankAccountIncludingMask:s+ BankAccountUseSEPA:b BankAccountUseSepaDirectDebit:b BankName:s Code:s+
    Created:t Creator:g CreatorFullName:s Currency:s+ CurrencyDescription:s CustomField:s Description:s+
    Division:i GLAccount:g+ GLAccountCode:s GLAccountDescription:s GLAccountType:i IsBlocked:b+ Modified:t
    Modifier:g ModifierFullName:s PaymentInTransitAccount:g+ PaymentServiceAccountIdentifier:s+
    PaymentServiceProvider:i+ PaymentServiceProviderName:s Type:i+
"""

GL_ACCOUNTS = """
    ID:g+ AllowCostsInSales:y+ AssimilatedVATBox:h+ BalanceSide:s+ BalanceType:s+ BelcotaxType:i+ Code:s+!
    Compress:b+ Costcenter:s+ CostcenterDescription:s Costunit:s+ CostunitDescription:s Created:t Creator:g
    CreatorFullName:s CustomField:s DeductibilityPercentages:c+ Description:s+! DescriptionTermID:i+
    Division:i ExcludeVATListing:y+ ExpenseNonDeductiblePercentage:d+ IsBlocked:b+ Matching:b+ Modified:t
    Modifier:g ModifierFullName:s PrivateGLAccount:g+ PrivatePercentage:d+ ReportingCode:s+
    RevalueCurrency:b+ SearchCode:s+ Type:i+ TypeDescription:s UseCostcenter:y+ UseCostunit:y+ VATCode:s+
    VATDescription:s VATGLAccountType:s+ VATNonDeductibleGLAccount:g+ VATNonDeductiblePercentage:d+
    VATSystem:s+ YearEndCostGLAccount:g+ YearEndReflectionGLAccount:g+
"""

PERIODS = """
    ID:g Created:t Creator:g CreatorFullName:s Division:i EndDate:t FinPeriod:h FinYear:h Modified:t
    Modifier:g ModifierFullName:s StartDate:t
"""

EXCHANGE_RATES = """
    ID:g+ Created:t Creator:g CreatorFullName:s Division:i Modified:t Modifier:g ModifierFullName:s Rate:d+
    SourceCurrency:s+! SourceCurrencyDescription:s StartDate:t+ TargetCurrency:s TargetCurrencyDescription:s
"""

VAT_CODES = """
    ID:g+ Account:g+ AccountCode:s AccountName:s CalculationBasis:y+ Charged:b+ Code:s+! Country:s Created:t
    Creator:g CreatorFullName:s CustomField:s Description:s+! Division:i EUSalesListing:s+
    ExcludeVATListing:y+ GLDiscountPurchase:g+ GLDiscountPurchaseCode:s GLDiscountPurchaseDescription:s
    GLDiscountSales:g+ GLDiscountSalesCode:s GLDiscountSalesDescription:s GLToClaim:g+ GLToClaimCode:s
    GLToClaimDescription:s GLToPay:g+ GLToPayCode:s GLToPayDescription:s IntraStat:b+ IntrastatType:s+
    IsBlocked:b+ LegalText:s+ Modified:t Modifier:g ModifierFullName:s OssCountry:s+ Percentage:d
    TaxReturnType:h+ Type:s+ VatDocType:s+ VatMargin:y+ VATPartialRatio:h+ VATPercentages:c+
    VATTransactionType:s+
"""

VAT_PERCENTAGES = """
    ID:g Created:t Creator:g CreatorFullName:s Division:i EndDate:t LineNumber:i Modified:t Modifier:g
    ModifierFullName:s Percentage:d StartDate:t Type:h VATCodeID:g
"""

CURRENCIES = """
    Code:s AmountPrecision:d Created:t Description:s Modified:t PricePrecision:d
"""

COSTCENTERS = """
    ID:g+ Active:b+ Code:s+! Created:t Creator:g CreatorFullName:s CustomField:s Description:s+! Division:i
    EndDate:t+ Modified:t Modifier:g ModifierFullName:s
"""

COSTUNITS = """
    ID:g+ Code:s+! Created:t Creator:g CreatorFullName:s CustomField:s Description:s+! Division:i EndDate:t+
    Modified:t Modifier:g ModifierFullName:s
"""
