"""Search as people do it: reading what they typed and chosen, ranking, hits with reasons, advice, lists that stay.

Outside, `Discovery.search` is all there is to call; `filters` defines the filters for pages and API."""

from matching.discovery.asking import LONGEST_QUERY, Asked, Part
from matching.discovery.finding import Discovery, SearchPage, SearchRequest
from matching.discovery.hits import SearchHit

__all__ = ["LONGEST_QUERY", "Asked", "Discovery", "Part", "SearchHit", "SearchPage", "SearchRequest"]
