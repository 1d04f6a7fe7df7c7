-- A file of a case may have 15 MB (docs/decisions/0060-large-photos.md).
alter table attachment drop constraint attachment_content_check;
alter table attachment add constraint attachment_content_check check (octet_length(content) between 1 and 15728640);
