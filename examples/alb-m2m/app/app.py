from flask import Flask, jsonify
from datetime import datetime, timezone, timedelta

app = Flask(__name__)

JST = timezone(timedelta(hours=9))

# サンプルの製品データ(Note: 動作確認用アプリのためコード内にベタ書き)
PRODUCTS = [
    {"id": 1, "name": "Wireless Mouse", "price": 1000},
    {"id": 2, "name": "Mechanical Keyboard", "price": 18900},
    {"id": 3, "name": "USB-C Hub", "price": 4900}
]

# アプリ起動時刻(JST)
START_TIME = datetime.now(JST)

@app.route("/health", methods=["GET"])
def health():
    """
    ヘルスチェック用エンドポイント
    """
    now_jst = datetime.now(JST)
    uptime_seconds = (now_jst - START_TIME).total_seconds()

    return jsonify({
        "status": "ok",
        "timestamp": now_jst.isoformat(),
        "uptime_seconds": int(uptime_seconds)
    }), 200

@app.route("/products", methods=["GET"])
def list_products():
    """
    製品情報を常に全件返却するエンドポイント
    """
    return jsonify(PRODUCTS), 200
