-- The same metal in Shanghai and London, newest of each.
select * from (
    select 1 as place, 'SHFE warrants' as what, shfe_warrants_t as tonnes, shfe_warrants_change_5_pct as change_pct, 'over 5 sessions' as span,
        session, shfe_warrants_published_at as published_at
    from shanghai_stocks where metal = $metal and shfe_warrants_t is not null qualify row_number() over (order by session desc) = 1
    union all
    select 2, 'SHFE stock, weekly report', shfe_weekly_stock_t, null, '', shfe_weekly_session, shfe_weekly_published_at
    from shanghai_stocks where metal = $metal and shfe_weekly_stock_t is not null qualify row_number() over (order by session desc) = 1
    union all
    select 3, 'SGE vaults', sge_vaults_t, 100 * sge_vaults_change_t / nullif(sge_vaults_t - sge_vaults_change_t, 0), 'over a week',
        sge_vaults_session, sge_vaults_published_at
    from shanghai_stocks where metal = $metal and sge_vaults_t is not null qualify row_number() over (order by session desc) = 1
    union all
    select 4, 'London vaults', vault_t, change_1_month_pct, 'over a month', session, published_at
    from london_vaults where metal = $metal qualify row_number() over (order by session desc) = 1
)
order by place
