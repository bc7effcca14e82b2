"""A Spark session that can run our Python: the extra is there, Java is there, workers use this interpreter."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

from redaptive.errors import Unavailable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STATE_STORE: Final = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"


def open_session(master: str, *, partitions: int, memory_mb: int = 1024) -> SparkSession:
    """A session on `master` (`local[2]`, `local-cluster[2,1,1024]`, `spark://...`, `k8s://...`).

    `partitions` is the number of log partitions: state is kept by log partition, so more tasks would idle.

    :raises Unavailable: the extra or Java is missing; says what to install.
    """
    _require_java()
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise Unavailable(
            "Spark is not installed.", field="extra", fix="Install it: pip install 'redaptive[spark]'."
        ) from error
    # Executors are children of this process in local modes; elsewhere the cluster's own setting counts.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.sql.shuffle.partitions": str(partitions),
        "spark.sql.streaming.stateStore.providerClass": STATE_STORE,
        "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.driver.memory": f"{memory_mb}m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.streaming.noDataMicroBatches.enabled": "false",
    }
    if not master.startswith("local"):
        for name in ("spark.driver.host", "spark.driver.bindAddress"):
            del settings[name]
    builder = SparkSession.builder.master(master).appName("redaptive")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java") and not (home and os.path.exists(os.path.join(home, "bin", "java"))):
        raise Unavailable("Spark needs Java 17, and there is no java.", fix="Install a JRE 17 or set JAVA_HOME.")
