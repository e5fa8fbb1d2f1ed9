# One image for the app, the API and the terminal. No model or text is downloaded when it runs.
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 leidraad
WORKDIR /srv/leidraad
COPY requirements.lock pyproject.toml Makefile README.md LICENSE app.py cli.py ./
COPY indexer indexer
COPY assistant assistant
COPY evals evals
COPY corpus corpus
COPY .streamlit .streamlit
RUN make setup && mkdir -p data corpus/local corpus/official && chown -R leidraad data corpus
USER leidraad
ENV PATH=/srv/leidraad/.venv/bin:$PATH
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true", "--server.fileWatcherType=none"]
