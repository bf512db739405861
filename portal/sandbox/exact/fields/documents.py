"""The fields of documents, their types and their attachments."""

DOCUMENTS = """
    ID:g+ Account:g+ AccountCode:s AccountName:s AmountFC:d+ Body:s+ Category:g+ CategoryDescription:s+
    Contact:g+ ContactFullName:s ContractID:g+ ContractNumber:s Created:t Creator:g CreatorFullName:s+
    Currency:s+ Division:i DocumentDate:t+ DocumentFolder:g+ DocumentFolderCode:s
    DocumentFolderDescription:s DocumentViewUrl:s ExpiryDate:t+ FinancialTransactionEntryID:g+
    HasEmptyBody:b HID:i+ InheritShare:b+ Item:g+ ItemCode:s ItemDescription:s Language:s+ Modified:t
    Modifier:g ModifierFullName:s Opportunity:g+ Project:g+ ProjectCode:s ProjectDescription:s
    ProposedEntryStatus:h+ SalesInvoiceNumber:i+ SalesOrderNumber:i+ ScanServiceStatus:h+ SendMethod:i
    ShopOrderNumber:i+ Subject:s+! TeamsMeetingId:s+ Type:i+! TypeDescription:s
"""

ATTACHMENTS = """
    ID:g+ Attachment:x+! Document:g+! FileName:s+! FileSize:d Url:s
"""

DOCUMENT_TYPES = """
    ID:i Created:t Description:s DocumentIsCreatable:b DocumentIsDeletable:b DocumentIsUpdatable:b
    DocumentIsViewable:b Modified:t TypeCategory:i
"""
