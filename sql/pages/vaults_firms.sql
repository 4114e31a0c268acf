-- Who delivered and who took in one delivery month, by number of the clearing firm and account: no firm is named.
select n.firm_id, n.account, sum(n.issued) as issued, sum(n.stopped) as stopped, sum(n.stopped) - sum(n.issued) as net
from delivery_notices n
join contracts c on c.venue = n.venue and c.product = n.product and c.delivery_month = n.delivery_month
where c.contract = $contract
group by n.firm_id, n.account
order by greatest(sum(n.issued), sum(n.stopped)) desc, n.firm_id, n.account
