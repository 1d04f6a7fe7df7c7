-- PostgreSQL has no INSERT OR REPLACE: a row that stands in the way stays, or is changed by an UPDATE, which triggers refuse. The script
-- is here so that both databases have had the same ones.
select 1;
