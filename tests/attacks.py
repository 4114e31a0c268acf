"""Hostile SQL for `monitor.adhoc`: the statements, the scene they are let loose in, and a driver.

Paths in the statements stand in braces (`{db}`, `{canary}`) and are filled in for a scene. The driver
runs the whole battery against one wall at a time: it opens the
database once, without threads, and forks for every statement, so that no statement can spoil the next.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CANARY: Final = "canary-7f3e91"
"""Text that lies in files and in the environment around the database, and must never come out."""

HONEST: Final = "select count(*), sum(ounces) from stocks where metal = 'silver'"
HONEST_ANSWER: Final = [(500, 124750.0)]

READ_FILES: Final = """
select * from read_text('{canary}')
select * from read_text('{dir}/*')
select * from read_text(['{canary}'])
select content from read_text('{dir}/../*/canary.txt')
select * from read_text('canary.txt')
select * from read_text('../canary.txt')
select * from read_text('file://{canary}')
select * from read_text('file:{canary}')
select * from read_text('~/canary.txt')
select * from read_text('/etc/passwd')
select * from read_text('/proc/self/environ')
select * from read_text('/proc/self/cmdline')
select * from read_text('/dev/stdin')
select * from read_blob('{canary}')
select * from read_blob('{db}')
select * from read_blob('{db}.wal')
select * from read_blob('/proc/self/mem')
select * from read_csv('{csv}')
select * from read_csv_auto('{csv}')
select * from read_csv('{canary}', header = false, columns = {'line': 'varchar'}, delim = '\\x01')
select * from read_csv('{dir}/*.csv', union_by_name = true, filename = true)
select * from read_csv('/dev/fd/3', header = false)
select * from read_csv('pipe:cat {canary}')
select * from read_single_csv_file('{csv}')
select * from sniff_csv('{csv}')
select * from read_json('{json}')
select * from read_json_auto('{json}')
select * from read_json_objects('{json}')
select * from read_json_objects_auto('{json}')
select * from read_ndjson('{json}')
select * from read_ndjson_auto('{json}')
select * from read_ndjson_objects('{json}')
select * from read_single_json_file('{json}')
select * from read_parquet('{parquet}')
select * from parquet_scan('{parquet}')
select * from read_single_parquet_file('{parquet}')
select * from parquet_metadata('{parquet}')
select * from parquet_schema('{parquet}')
select * from parquet_file_metadata('{parquet}')
select * from parquet_full_metadata('{parquet}')
select * from parquet_kv_metadata('{parquet}')
select * from parquet_bloom_probe('{parquet}', 'note', 'x')
select * from read_duckdb('{other}')
select * from '{csv}'
from '{json}'
from '{parquet}' select *
table "{csv}"
describe select * from '{csv}'
summarize '{csv}'
select * from "{other}".main.secrets
select * from glob('{dir}/*') where error('found ' || file) is null
select * from read_text((select '{canary}'))
select found.* from (values ('{canary}')) as wanted (file), lateral read_text(wanted.file) as found
select exists (select 1 from read_text('{canary}'))
select (select content from read_text('{canary}'))
select * from stocks where metal in (select content from read_text('{canary}'))
select * from query('select * from read_text(''{canary}'')')
select * from query_table('{csv}')
select * from query_table(['{csv}'])
select * from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''{canary}'')'))
select * from json_execute_serialized_sql('{"not": "sql"}')
select * from from_substrait('\\x00'::blob)
select * from from_substrait_json('{}')
select * from sqlite_scan('{sqlite}', 'secrets')
select * from postgres_scan('host=127.0.0.1', 'public', 'secrets')
select * from mysql_scan('host=127.0.0.1', 'public', 'secrets')
select * from iceberg_scan('{dir}')
select * from delta_scan('{dir}')
select * from st_read('{csv}')
select * from read_xlsx('{dir}/canary.xlsx')
select * from read_text('http://127.0.0.1:9/canary.txt')
select * from read_csv('https://127.0.0.1:9/canary.csv')
select * from read_parquet('s3://canary/canary.parquet')
select * from read_parquet('hf://datasets/canary/canary.parquet')
select * from read_csv('gcs://canary/canary.csv')
select getenv('CANARY')
"""

WRITE_FILES: Final = """
copy (select 1) to '{out}.csv'
copy stocks to '{out}.csv' (format csv, use_tmp_file false)
copy stocks to '{out}.parquet' (format parquet)
copy stocks to '{out}.json' (format json)
copy stocks to '{out}' (format csv, partition_by (metal))
copy stocks to '{out}' (format parquet, per_thread_output true)
copy stocks to '{out}' (format csv, file_size_bytes '1kb')
copy stocks to 'relative.csv'
copy stocks to '/dev/stdout'
copy stocks to '/dev/fd/1'
copy (select 1) to '{db}' (format csv, use_tmp_file false)
copy (select 1) to '{db}' (format parquet)
copy (select 1) to '{db}.wal' (format csv, use_tmp_file false)
copy (select 1) to '{db}.tmp' (format csv)
copy (select 1) to '{canary}' (format csv, use_tmp_file false)
copy stocks from '{csv}'
copy stocks from '{parquet}' (format parquet)
copy from database gen to memory
export database '{out}'
export database '{out}' (format parquet)
import database '{dir}/import'
with a as (copy stocks to '{out}.csv') select * from a
with a as (copy (select 1) to '{db}' (format csv, use_tmp_file false)) select * from a
with a as (copy (select 1) to '{db}.wal' (format csv, use_tmp_file false)) select * from a
with a as materialized (copy stocks to '{out}.csv') select * from a
with a as not materialized (copy stocks to '{out}.csv') select * from a
with a (n) as (copy stocks to '{out}.csv') select n from a
with a as (select 1), b as (copy stocks to '{out}.csv') select * from a, b
with a as (/* ( */ copy stocks to '{out}.csv') select * from a
select (with a as (copy stocks to '{out}.csv') select * from a)
select * from (with a as (copy stocks to '{out}.csv') from a)
from stocks where exists (with a as (copy stocks to '{out}.csv') from a)
with a as (copy stocks from '{csv}') select * from a
with a as (insert into stocks values ('silver', 1, '2026-01-01') returning ounces) select * from a
with a as (update stocks set ounces = 0 returning ounces) select * from a
with a as (delete from stocks returning ounces) select * from a
with a as (with b as (select 1) insert into stocks select 'silver', 1, '2026-01-01' returning 1) select * from a
"""

ATTACH: Final = """
attach ':memory:' as m
attach '{out}.duckdb'
attach '{out}.duckdb' (read_only false)
attach '{other}' as other
attach '{other}' as other (read_only)
attach '{db}' as again
attach '{db}' as again (read_only false)
attach if not exists '{other}' as other
attach or replace '{other}' as gen
attach '{sqlite}' (type sqlite)
attach 'sqlite:{sqlite}' as s
attach 'host=127.0.0.1' as p (type postgres)
attach 'http://127.0.0.1:9/x.duckdb' as h (read_only)
attach 's3://canary/x.duckdb' as h (read_only)
attach 'ducklake:{out}.ducklake' as lake
attach 'quack:127.0.0.1:9' as q
detach gen
use memory
use temp
install httpfs
force install httpfs
install httpfs from community
install httpfs from 'http://127.0.0.1:9'
install '{dir}/evil.duckdb_extension'
load httpfs
load sqlite
load '{dir}/evil.duckdb_extension'
update extensions
"""

SETTINGS: Final = """
set enable_external_access = true
set disabled_filesystems = ''
set lock_configuration = false
set allowed_directories = ['/']
set allowed_paths = ['{canary}']
set temp_directory = '{out}'
set home_directory = '{dir}'
set secret_directory = '{out}'
set extension_directory = '{out}'
set extension_directories = ['{out}']
set allow_unsigned_extensions = true
set autoinstall_known_extensions = true
set autoload_known_extensions = true
set custom_extension_repository = 'http://127.0.0.1:9'
set python_enable_replacements = true
set python_scan_all_frames = true
set log_query_path = '{out}.log'
set enable_logging = true
set enable_profiling = 'json'
set profiling_output = '{out}.json'
set file_search_path = '{dir}'
set threads = 64
set memory_limit = '100GB'
set max_expression_depth = 1000000
set global threads = 64
set session search_path = 'temp'
set timezone = 'Asia/Shanghai'
set schema = 'temp'
set variable known_at = timestamp '1900-01-01'
reset variable known_at
reset enable_external_access
reset lock_configuration
reset all
select set_config('threads', '64', false)
pragma database_list
pragma version
pragma table_info('stocks')
pragma storage_info('stocks')
pragma show_tables
pragma enable_profiling
pragma enable_profiling = 'json'
pragma profiling_output = '{out}.json'
pragma disable_optimizer
pragma disable_checkpoint_on_shutdown
pragma force_checkpoint
pragma threads = 64
pragma memory_limit = '100GB'
pragma temp_directory = '{out}'
pragma log_query_path = '{out}.log'
pragma enable_external_access = true
pragma add_parquet_key('canary', '0123456789112345')
pragma copy_database('gen', 'memory')
pragma json_execute_serialized_sql('{}')
call enable_logging()
call enable_logging(storage = 'file', storage_config = {'path': '{out}'})
call enable_logging(storage = 'file', storage_path = '{out}')
call enable_logging(storage = 'stdout')
call disable_logging()
call truncate_duckdb_logs()
call enable_profiling(save_location = '{out}')
call pragma_version()
call checkpoint()
call force_checkpoint()
call create_external_resource('x')
call register_external_resource('x', '{dir}')
select * from enable_logging(storage = 'file', storage_config = {'path': '{out}'})
select * from enable_logging(storage = 'stdout')
select * from truncate_duckdb_logs(1)
select * from enable_profiling(save_location = '{out}')
select * from register_external_resource('x', '{dir}')
"""

CHANGES: Final = """
create table x (i int)
create table x as select * from read_text('{canary}')
create temp table x as select 1
create or replace temp table stocks as select 1
create view x as select 1
create or replace view silver as select 1
create temp view stocks as select 1
create schema s
create sequence q
create type mood as enum ('good')
create temp type mood as enum ('good')
create macro f() as 1
create temp macro f() as (select content from read_text('{canary}'))
create macro f() as table select 1
create function f() as 1
create index by_metal on stocks (metal)
create secret (type s3, key_id 'x', secret 'y')
create secret h (type http, bearer_token 'x')
create persistent secret p (type http, bearer_token 'x')
create or replace persistent secret p in local_file (type http, bearer_token 'x')
drop secret p
drop persistent secret if exists p
create trigger tr after insert on stocks for each row execute select 1
drop table stocks
drop view silver
drop schema main cascade
drop macro if exists f
alter table stocks add column x int
alter table stocks rename to gone
alter view silver rename to gone
comment on table stocks is 'gone'
insert into stocks values ('silver', 1, '2026-01-01')
insert or replace into stocks values ('silver', 1, '2026-01-01')
insert into stocks by name select 'silver' as metal returning *
update stocks set ounces = 0
update stocks set ounces = 0 returning *
delete from stocks
delete from stocks returning *
truncate stocks
merge into stocks using stocks as s on false when not matched then insert
vacuum
vacuum analyze
analyze
checkpoint
force checkpoint
begin
begin transaction read only
commit
rollback
abort
prepare p as select 1
execute p
execute p(1)
deallocate p
select nextval('counter')
"""

INSIDES: Final = """
select * from pandas_scan(null)
select * from pandas_scan(0)
select * from arrow_scan(0, 0, 0)
select * from arrow_scan(null, null, null)
select * from arrow_scan_dumb(null, null, null)
select * from python_arrow_scan(null)
select * from python_map_function(null, null)
select * from seq_scan()
select * from seq_scan(stocks)
select * from canary_frame
select * from request
select * from os
select * from sys.modules
select 1::pointer
explain (analyze) copy stocks to '{out}.csv'
explain (analyze, format json) copy stocks to '{out}.csv'
explain (format json) select 1
explain analyse select 1
eXpLaIn --{line}AnAlYzE select 1
explain/**/analyze select 1
explain\u00a0analyze select 1
copy\u00a0stocks to '{out}.csv'
select 1;;; copy stocks to '{out}.csv'
select 1 /* ; */ ; -- ; {line} copy stocks to '{out}.csv'
pivot stocks on metal using sum(ounces); copy stocks to '{out}.csv'
select $1; attach ':memory:' as m
se/**/lect 1
select 1 into outfile '{out}.csv'
select * into x from stocks
do $$ begin copy stocks to '{out}.csv'; end $$
execute immediate 'copy stocks to ''{out}.csv'''
show create table stocks
"""

PEEKS: Final = """
select * from duckdb_settings()
select * from duckdb_secrets()
select * from which_secret('s3://canary', 's3')
select * from duckdb_databases()
select * from duckdb_logs
select * from duckdb_logs()
select * from duckdb_log_contexts()
select * from duckdb_variables()
select * from duckdb_extensions()
select * from duckdb_temporary_files()
select * from duckdb_external_file_cache()
select * from duckdb_external_resources()
select * from duckdb_prepared_statements()
select * from duckdb_functions()
select * from pragma_database_size()
select * from pragma_storage_info('stocks')
select * from pragma_user_agent()
select * from glob('{dir}/*')
select * from glob('/etc/*')
select * from checkpoint()
select * from force_checkpoint()
select write_log('x')
select current_setting('secret_directory'), current_setting('temp_directory')
show databases
show all tables
"""
"""Allowed to answer, as long as what they say holds no canary and nothing changes."""

RESOURCES: Final = """
select repeat('x', 2000000000)
select format('{:>2000000000}', 'x')
select printf('%2000000000d', 1)
select bitstring('1', 2000000000)
select list(range) from range(300000000)
select string_agg(repeat('x', 1000), '') from range(100000000)
select array_agg(repeat('x', 1000000)) from range(10000)
select * from range(200000000) order by hash(range)
select a.range from range(30000000) a join range(30000000) b on a.range = b.range order by hash(b.range)
select histogram(range) from range(200000000)
select median(range) from range(2000000000)
with recursive r as (select 'x' as v union all select v || v from r) select length(v) from r
select list_transform(range(100000000), lambda x: x * 2)
select unnest(range(200000000))
select repeat('x', 1000000) from range(1000)
"""
"""Each wants gigabytes and must end, named, below its limit."""

ENDLESS: Final = """
select count(*) from range(10000000000) a, range(1000000) b
with recursive r as (select 1 as i union all select i + 1 from r) select count(*) from r
select sleep_ms(60000)
"""


def _lines(*blocks: str) -> tuple[str, ...]:
    return tuple(line for block in blocks for line in block.strip("\n").split("\n") if line)


CURIOUS: Final = _lines(PEEKS)
HOSTILE: Final = _lines(READ_FILES, WRITE_FILES, ATTACH, SETTINGS, CHANGES, INSIDES)
"""Each must be refused, alone and in every wrapping but EXPLAIN, which runs nothing."""


def wrappings(statement: str) -> Iterator[str]:
    """The statement alone and in the disguises that have fooled a gate before."""
    quoted = statement.replace("'", "''")
    yield statement
    yield f"EXPLAIN {statement}"
    yield f"explain /* plain */ ANALYZE {statement}"
    yield f"WITH a AS ({statement}) SELECT * FROM a"
    yield f"SELECT * FROM query('{quoted}')"
    yield f"select 1; {statement}"
    yield f"-- select 1\n/* select 1; */ {statement} -- end"


@dataclass(frozen=True)
class Scene:
    """A folder with a database and, around it, everything the statements reach for."""

    folder: Path
    database: Path

    def fill(self, statement: str) -> str:
        """The statement with this scene's paths in place of the braces."""
        for name, path in (
            ("{line}", "\n"),
            ("{db}", self.database),
            ("{dir}", self.folder),
            ("{out}", self.folder / "out"),
            ("{canary}", self.folder / "canary.txt"),
            ("{csv}", self.folder / "canary.csv"),
            ("{json}", self.folder / "canary.json"),
            ("{parquet}", self.folder / "canary.parquet"),
            ("{sqlite}", self.folder / "canary.sqlite"),
            ("{other}", self.folder / "other.duckdb"),
        ):
            statement = statement.replace(name, str(path))
        return statement

    def fingerprint(self) -> dict[str, str]:
        """Every path below the folder with its mode and what it holds."""
        return {
            str(path.relative_to(self.folder)): f"{path.lstat().st_mode:o} "
            + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
            for path in sorted(self.folder.rglob("*"))
        }


def make_scene(folder: Path) -> Scene:
    """Lay out the scene in `folder`, which must exist."""
    import duckdb

    database = folder / "gen.duckdb"
    with duckdb.connect(str(database), config={"storage_compatibility_version": "v1.5.0"}) as con:
        con.execute(
            "create table stocks as select case when i % 2 = 0 then 'silver' else 'gold' end as metal,"
            " (i / 2)::int::double as ounces, date '2026-01-01' + (i % 200)::int as session from range(1000) r(i)"
        )
        con.execute("create view silver as select * from stocks where metal = 'silver'")
        con.execute("create sequence counter")
    with duckdb.connect(str(folder / "other.duckdb")) as con:
        con.execute(f"create table secrets as select '{CANARY}' as note")
        con.execute(f"copy secrets to '{folder}/canary.parquet'")
    with sqlite3.connect(folder / "canary.sqlite") as lite:
        lite.execute(f"create table secrets as select '{CANARY}' as note")
    lite.close()
    (folder / "canary.txt").write_text(CANARY + "\n")
    (folder / "canary.csv").write_text(f"metal,ounces,session\n{CANARY},1,2026-01-01\n")
    (folder / "canary.json").write_text(json.dumps({"note": CANARY}) + "\n")
    (folder / "evil.duckdb_extension").write_bytes(b"\x7fELF" + bytes(600))
    for name in ("import", "home", "cwd"):
        (folder / name).mkdir()
        (folder / name / "canary.txt").write_text(CANARY + "\n")
    (folder / "import" / "schema.sql").write_text(f"create table imported as select '{CANARY}' as note;\n")
    (folder / "import" / "load.sql").write_text("")
    database.chmod(0o444)
    return Scene(folder, database)


# --- the driver ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What became of one statement: `refused` or `answered` with its text, or `died` with a signal's number."""

    statement: str
    kind: str
    text: str
    honest: bool
    """Whether an honest query on the same connection still answered right afterwards."""


def battery(scene: Scene, walls: Iterable[str], statements: Iterable[str]) -> list[Outcome]:
    """Run the statements in one driven process that has only these walls: gate, lock, kernel."""
    root, engine = Path(__file__).resolve().parents[1], Path(sys.modules["_duckdb"].__file__ or "").parent
    job = {"database": str(scene.database), "walls": sorted(walls), "statements": list(statements)}
    start = "import sys; sys.path += sys.argv[1:]; from tests import attacks; attacks.drive()"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", start, str(engine), str(root)],
        input=json.dumps(job),
        cwd=scene.folder / "cwd",
        env={"MALLOC_ARENA_MAX": "1", "HOME": str(scene.folder / "home")},
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    )
    return [Outcome(*fields) for fields in json.loads(done.stdout)]


def drive() -> None:
    """The driven process: job on stdin, outcomes on stdout."""
    from monitor import adhoc_walls, adhoc_worker  # noqa: F401  imported before no file can be

    job = json.load(sys.stdin)
    out = os.dup(1)
    os.dup2(2, 1)
    canary_frame = {"note": CANARY}  # what a replacement scan would find
    if "kernel" in job["walls"]:
        adhoc_walls.limit_process(900, 600, os.getppid())
    con = adhoc_walls.open_database(job["database"], 900)
    if "kernel" in job["walls"]:
        adhoc_walls.confine_files()
    outcomes = [_forked(con, job["walls"], statement) for statement in job["statements"]]
    assert canary_frame
    os.write(out, json.dumps(outcomes).encode())
    os._exit(0)


def _forked(con: Any, walls: list[str], statement: str) -> list[Any]:
    """Run one statement in a fork of this process, which has no threads, and say what became of it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        os.write(writer, json.dumps(_attempt(con, walls, statement)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    kind, text, honest = json.loads(told) if told else ("died", str(os.waitstatus_to_exitcode(status)), False)
    return [statement, kind, text, honest]


def _attempt(con: Any, walls: list[str], statement: str) -> tuple[str, str, bool]:
    from monitor import adhoc_walls, adhoc_worker

    if "lock" in walls:
        adhoc_walls.lock(con)
    cursor = con.cursor()
    try:
        cursor.execute(adhoc_worker.gate(con, statement) if "gate" in walls else statement)
        rows = cursor.fetchall()
    except BaseException as error:  # noqa: BLE001  whatever it raises is an outcome
        kind, text = "refused", f"{type(error).__name__}: {error}"
    else:
        kind, text = "answered", repr(rows)
    try:
        honest = con.cursor().execute(HONEST).fetchall() == HONEST_ANSWER
    except Exception:  # noqa: BLE001
        honest = False
    return kind, text[:100_000], honest
