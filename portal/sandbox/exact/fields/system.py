"""The fields of Me, the divisions and the log of deletions."""

ME = """
    UserID:g AccountingDivision:i CurrentDivision:i CustomerCode:s DivisionCustomer:g DivisionCustomerCode:s
    DivisionCustomerName:s DivisionCustomerSiretNumber:s DivisionCustomerVatNumber:s DossierDivision:i
    Email:s EmployeeID:g FirstName:s FullName:s Gender:s Initials:s IsClientUser:b
    IsEmployeeSelfServiceUser:b IsMyFirmLiteUser:b IsMyFirmPortalUser:b IsOEIMigrationMandatory:b
    IsStarterUser:b Language:s LanguageCode:s LastName:s Legislation:l MiddleName:s Mobile:s Nationality:s
    PackageCode:s Phone:s PhoneExtension:s PictureUrl:s ServerTime:s ServerUtcOffset:d ThumbnailPicture:x
    ThumbnailPictureFormat:s Title:s UserName:s
"""

HRM_DIVISIONS = """
    Code:i ArchiveDate:t BlockingStatus:i Class_01:c Class_02:c Class_03:c Class_04:c Class_05:c Country:s
    CountryDescription:s Created:t Creator:g CreatorFullName:s Currency:s CurrencyDescription:s Customer:g
    CustomerCode:s CustomerName:s Description:s HID:l Main:b Modified:t Modifier:g ModifierFullName:s
    OBNumber:s SiretNumber:s StartDate:t Status:h TaxOfficeNumber:s TaxReferenceNumber:s TemplateCode:s
    VATNumber:s Website:s
"""

SYSTEM_DIVISIONS = """
    Code:i AddressLine1:s AddressLine2:s AddressLine3:s ArchiveDate:t BlockingStatus:i BusinessTypeCode:s
    BusinessTypeDescription:s ChamberOfCommerceEstablishment:s ChamberOfCommerceNumber:s City:s Class_01:c
    Class_02:c Class_03:c Class_04:c Class_05:c CompanySizeCode:s CompanySizeDescription:s Country:s
    Created:t Creator:g CreatorFullName:s Currency:s Current:b Customer:g CustomerCode:s CustomerName:s
    DatevAccountantNumber:s DatevClientNumber:s Description:s DivisionHRLinkUnlinkDate:t DivisionMoveDate:t
    Email:s Fax:s Hid:l IsDossierDivision:b IsHRDivision:b IsMainDivision:b IsPracticeDivision:b
    Legislation:s Modified:t Modifier:g ModifierFullName:s OBNumber:s Phone:s Postcode:s SbiCode:s
    SbiDescription:s SectorCode:s SectorDescription:s ShareCapital:d SiretNumber:s StartDate:t State:s
    Status:i SubsectorCode:s SubsectorDescription:s TaxOfficeNumber:s TaxReferenceNumber:s TemplateCode:s
    VATNumber:s Website:s
"""

DELETED = """
    Timestamp:l DeletedBy:g DeletedDate:t Division:i EntityKey:g EntityType:i ID:g
"""

WEBHOOKS = """
    ID:g CallbackURL:s+! ClientID:g Created:t Creator:g CreatorFullName:s Description:s Division:i Topic:s+!
    UserID:g
"""
